using System.CommandLine;
using EseErp.Launcher.Comparison;
using EseErp.Launcher.Output;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese compare</c>: both modes under the same load and the same faults, with every return accounted for.</summary>
internal static class CompareCommand
{
    private const int UsualSeed = 2026;

    public static Command Create()
    {
        IReadOnlyList<string> known = [.. Scenario.All(quick: true).Select(scenario => scenario.Name)];
        var quick = new Option<bool>("--quick") { Description = "Short rounds: a look in some minutes; otherwise they last half a minute and more, on fresh data for each scenario" };
        var seed = new Option<int?>("--seed") { Description = $"The same seed gives the same arrivals, wishes and devices; {UsualSeed} when left out" }.Between(0, int.MaxValue);
        var only = new Option<string[]>("--scenario") { Description = $"Only these: {string.Join(", ", known)}", AllowMultipleArgumentsPerToken = true };
        only.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string[]>()?.All(known.Contains) == false)
                result.AddError($"--scenario must be among: {string.Join(", ", known)}.");
        });
        var rate = new Option<double?>("--rate") { Description = "Returns per second but for the burst, which has ten times as many; 2 when left out, with --quick 4. More than a mode can carry makes a queue of its latencies" }
            .Between(0.1, 1000d);
        var json = new Option<string?>("--json") { Description = "Where the JSON goes, with the HTML report beside it (default: .ese/compare/<time>-<seed>.json)" };
        json.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>()?.EndsWith(".html", StringComparison.OrdinalIgnoreCase) == true)
                result.AddError("--json must not end in .html, which is where the page goes.");
        });
        var keep = new Option<bool>("--keep") { Description = "Keep the systems' data and logs; where a return is not accounted for they are kept in any case" };
        var command = new Command("compare", "Measure event and traditional mode under the same load and the same faults") { quick, seed, only, rate, json, keep };
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
        Screen.Line($"Comparing event and traditional mode, {(options.Quick ? "quickly" : "in full")}, seed {options.Seed}.");
        await using var run = new ComparisonRun(options);
        var report = await run.RunAsync(cancellationToken);
        report.Write(run.JsonPath, run.HtmlPath);
        ComparisonScreen.Show(report);
        Screen.Line($"The report is in {run.HtmlPath}, its figures in {run.JsonPath}.");
        return report.IsAccounted ? 0 : 1;
    }
}
