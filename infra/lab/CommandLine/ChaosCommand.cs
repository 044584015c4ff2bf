using System.CommandLine;
using EseErp.Lab.Chaos;
using EseErp.Launcher.CommandLine;
using EseErp.Launcher.Output;

namespace EseErp.Lab.CommandLine;

/// <summary><c>./ese chaos</c>: breaks a system of its own while returns are filed, and accounts for every one of them.</summary>
internal static class ChaosCommand
{
    // More than these, and the demo's catalogue of orders or a person's patience ends.
    private const int MostFaults = 1000;
    private const int MostReturns = 100_000;

    public static Command Create()
    {
        var defaults = new ChaosOptions { Seed = 0 };
        var faults = new Option<int>("--faults") { Description = "How many faults", DefaultValueFactory = _ => defaults.Faults }.Between(0, MostFaults);
        var returns = new Option<int>("--returns") { Description = "How many returns are filed during the faults", DefaultValueFactory = _ => defaults.Returns }.Between(1, MostReturns);
        var seed = new Option<int?>("--seed") { Description = "The same seed gives the same plan of faults and returns; without it a random one" }.Between(0, int.MaxValue);
        var broker = new Option<string>("--broker") { Description = "The broker between the teams", DefaultValueFactory = _ => defaults.Broker }.OneOf(ChaosOptions.Brokers);
        var share = new Option<double>("--traditional-share")
        {
            Description = "Share of the returns in traditional mode, half of them answered at once (traditional-async), from 0 to 1",
            DefaultValueFactory = _ => defaults.TraditionalShare,
        }.Between(0d, 1d);
        var json = new Option<string?>("--json") { Description = "Where the report goes (default: .ese/chaos/<time>-<seed>.json)" };
        var keep = new Option<bool>("--keep") { Description = "Keep data and logs of the system; after a broken promise they are kept in any case" };
        var patience = new Option<int>("--patience")
        {
            Description = "After so many seconds without progress, what is not settled counts as stuck",
            DefaultValueFactory = _ => (int)defaults.Patience.TotalSeconds,
        }.Between(10, 3600, "seconds");

        var command = new Command("chaos", "Start a system, break it at random while returns are filed, and account for every return")
        {
            faults, returns, seed, broker, share, json, keep, patience,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new ChaosOptions
            {
                Faults = parsed.GetValue(faults),
                Returns = parsed.GetValue(returns),
                Seed = parsed.GetValue(seed) ?? Random.Shared.Next(1_000_000),
                Broker = parsed.GetValue(broker)!,
                TraditionalShare = parsed.GetValue(share),
                Json = parsed.GetValue(json),
                Keep = parsed.GetValue(keep),
                Patience = TimeSpan.FromSeconds(parsed.GetValue(patience)),
                Report = Screen.Line,
            },
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ChaosOptions options, CancellationToken cancellationToken)
    {
        Screen.Line($"Chaos with seed {options.Seed}: {options.Faults} faults while {options.Returns} returns are filed, broker {options.Broker}.");
        var keep = options.Keep;
        var run = new ChaosRun(options);
        try
        {
            var report = await run.RunAsync(cancellationToken);
            report.Write(run.JsonPath);
            report.Show();
            Screen.Line($"The report is in {run.JsonPath}.");
            keep |= !report.Kept;
            return report.Kept ? 0 : 1;
        }
        finally
        {
            Screen.Line("Stopping…");
            await run.DisposeAsync();
            if (keep)
                Screen.Line($"Data and logs are in {run.Work}.");
            else
                await run.DeleteAsync();
        }
    }
}
