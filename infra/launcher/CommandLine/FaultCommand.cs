using System.CommandLine;
using System.Globalization;
using EseErp.Launcher.Api;
using EseErp.Launcher.Output;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese fault inventory --latency 500ms --for 30s</c>; <c>./ese fault</c> shows what is set everywhere.</summary>
internal static class FaultCommand
{
    public static Command Create()
    {
        var team = new Argument<string?>("team") { Description = "For example inventory; without it all services are shown", Arity = ArgumentArity.ZeroOrOne };
        var clear = new Option<bool>("--clear") { Description = "Lift all faults" };
        var kill = new Option<bool>("--kill") { Description = "Kill the process (kill -9); it is started again" };
        var options = new FaultOptions();
        var command = new Command("fault", "Inject a fault into a service; it replaces the current one. Without options, show what is set") { team, clear, kill };
        options.AddTo(command);
        command.Validators.Add(result =>
        {
            var kinds = (result.GetResult(clear) is { Implicit: false } ? 1 : 0) + (result.GetResult(kill) is { Implicit: false } ? 1 : 0) + (options.AnyIn(result) ? 1 : 0);
            if (kinds > 1)
                result.AddError("--clear and --kill cannot be combined with each other or with a fault.");
            if (kinds > 0 && result.GetResult(team) is not { Tokens.Count: > 0 })
                result.AddError($"Which team? One of {string.Join(", ", ServiceCatalog.All.Select(service => service.Team))}.");
            if (options.OnlyHowIn(result))
                result.AddError("--for and --seed need a fault, such as --latency 500ms.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var service = parsed.GetValue(team) is { } name ? ServiceCatalog.Find(name).Team : null;
            if (parsed.GetValue(kill))
                return await KillAsync(service!, cancellationToken);
            using var client = EseClient.OfRunningSystem();
            var faults = new TeamFaults(client);
            if (parsed.GetValue(clear))
                await faults.LiftAsync(service!, cancellationToken);
            else if (options.AnyIn(parsed.CommandResult))
                await faults.SetAsync(service!, options.Read(parsed), cancellationToken);
            await ShowAsync(faults, service is null ? ServiceCatalog.All.Select(each => each.Team) : [service], cancellationToken);
            return 0;
        });
        return command;
    }

    private static async Task<int> KillAsync(string team, CancellationToken cancellationToken)
    {
        var answer = await ControlRequests.AskAsync(Checkout.WorkDirectory, new ControlRequest("kill", team), cancellationToken);
        Screen.Line(answer.Message);
        return answer.Done ? 0 : 1;
    }

    private static async Task ShowAsync(TeamFaults faults, IEnumerable<string> teams, CancellationToken cancellationToken)
    {
        var rows = await Task.WhenAll(teams.Select(async team =>
        {
            try
            {
                var state = await faults.ReadAsync(team, cancellationToken);
                return (IReadOnlyList<string>)[team, FaultOptions.Describe(state.Faults), Until(state)];
            }
            catch (LauncherException failure)
            {
                return [team, failure.Message, ""];
            }
        }));
        Screen.Table(["Service", "Faults", "Until"], rows);
    }

    private static string Until(FaultState state) =>
        state.SetAt is null ? "" : state.LiftsAt?.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture) ?? "it is lifted, or a restart";
}
