using System.CommandLine;
using EseErp.Launcher.Output;

namespace EseErp.Launcher.CommandLine;

/// <summary>Options that <c>up</c> and <c>demo</c> share.</summary>
internal sealed class UpOptions
{
    public Option<bool> NoSeed { get; } = new("--no-seed") { Description = "Do not make demo data" };

    public Option<bool> NoRestart { get; } = new("--no-restart") { Description = "Do not restart a service that ends by itself" };

    public Option<bool> NoAutoAdvance { get; } = new("--no-auto-advance")
    {
        Description = "Items arrive, are diagnosed and are taken apart only when somebody reports it",
    };

    public Option<string> Broker { get; } = new Option<string>("--broker")
    {
        Description = "What carries the events: postgres, or kafka (the one in KAFKA_BOOTSTRAP_SERVERS; without it ./ese starts one)",
        DefaultValueFactory = _ => "postgres",
    }.AcceptOnlyFromAmong("postgres", "kafka");

    /// <summary>Of <c>up</c> alone.</summary>
    public Option<string[]> Except { get; } = new("--except")
    {
        Description = "Leave these services to you, such as sales: run them with dotnet run or F5, with the settings of ./ese env",
        AllowMultipleArgumentsPerToken = true,
        CustomParser = result =>
        {
            var known = ServiceCatalog.All.Select(service => service.Team).ToList();
            foreach (var token in result.Tokens.Where(token => !known.Contains(token.Value)))
                result.AddError($"--except must be one of: {string.Join(", ", known)}; not '{token.Value}'.");
            return [.. result.Tokens.Select(token => token.Value)];
        },
    };

    public void AddTo(Command command)
    {
        command.Options.Add(NoSeed);
        command.Options.Add(NoRestart);
        command.Options.Add(NoAutoAdvance);
        command.Options.Add(Broker);
    }

    public EseSystemOptions Read(ParseResult parsed) => new()
    {
        Restart = !parsed.GetValue(NoRestart),
        AutoAdvance = !parsed.GetValue(NoAutoAdvance),
        Broker = parsed.GetValue(Broker)!,
        Services = [.. ServiceCatalog.All.Where(service => parsed.GetValue(Except)?.Contains(service.Team) != true)],
        Report = Screen.Line,
    };
}
