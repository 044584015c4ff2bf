using System.CommandLine;
using EseErp.Lab.Comparison;
using EseErp.Launcher.CommandLine;
using EseErp.Launcher.Output;

namespace EseErp.Lab.CommandLine;

/// <summary><c>./ese compare</c>: choreography and orchestration under the same load and the same faults, with every return accounted for.</summary>
internal static class CompareCommand
{
    private const int UsualSeed = 2026;

    public static Command Create()
    {
        IReadOnlyList<string> known = [.. Scenario.All(quick: true).Select(scenario => scenario.Name)];
        var quick = new Option<bool>("--quick") { Description = "A look, not a measurement: one short round of each mode, within four minutes" };
        var seed = new Option<int?>("--seed") { Description = $"The same seed gives the same arrivals, wishes and devices; default {UsualSeed}" }.Between(0, int.MaxValue);
        var only = new Option<string[]>("--scenario") { Description = $"Only these: {string.Join(", ", known)}", AllowMultipleArgumentsPerToken = true };
        only.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string[]>()?.All(known.Contains) == false)
                result.AddError($"--scenario must be among: {string.Join(", ", known)}.");
        });
        var rate = new Option<double?>("--rate") { Description = "Returns per second for all scenarios but rate; the burst has ten times as many. Default: the higher of 20 and a quarter of what the slowest mode carries when all is well, 8 while something is wrong (with --quick 10 and 4). Above what a mode can carry, latencies only show a queue" }
            .Between(0.1, 1000d);
        var json = new Option<string?>("--json") { Description = "The JSON file; the HTML report goes beside it (default: .ese/compare/<time>-<seed>.json)" };
        json.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>()?.EndsWith(".html", StringComparison.OrdinalIgnoreCase) == true)
                result.AddError("--json must not end in .html: the page goes there.");
        });
        var keep = new Option<bool>("--keep") { Description = "Keep data and logs of the systems; if a return is not accounted for, they are kept in any case" };
        var command = new Command("compare", "Compare choreography (event), orchestration with a waiting caller (traditional) and orchestration answered at once (traditional-async) under the same load and the same faults") { quick, seed, only, rate, json, keep };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new ComparisonOptions
            {
                Quick = parsed.GetValue(quick),
                Seed = parsed.GetValue(seed) ?? UsualSeed,
                Wanted = parsed.GetValue(rate),
                Scenarios = parsed.GetValue(only) ?? [],
                Json = parsed.GetValue(json),
                Keep = parsed.GetValue(keep),
                Report = Screen.Line,
            },
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ComparisonOptions options, CancellationToken cancellationToken)
    {
        await using var run = new ComparisonRun(options);
        Screen.Line($"Comparing {string.Join(", ", Arm.Measured.Select(arm => arm.Title))}, {(options.Quick ? "quickly" : "in full")}, seed {options.Seed}.");
        Screen.Line($"Expected to take about {Math.Max(1, Math.Round(run.ExpectedDuration.TotalMinutes)):0} minutes on two idle cores. {char.ToUpperInvariant(WarmUp.Rule[0])}{WarmUp.Rule[1..]}.");
        var report = await run.RunAsync(cancellationToken);
        report.Write(run.JsonPath, run.HtmlPath);
        ComparisonScreen.Show(report);
        Screen.Line($"The report is in {run.HtmlPath}, its figures in {run.JsonPath}.");
        return report.IsAccounted ? 0 : 1;
    }
}
