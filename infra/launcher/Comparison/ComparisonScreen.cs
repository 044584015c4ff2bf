using EseErp.Launcher.Output;

namespace EseErp.Launcher.Comparison;

/// <summary>The figures in a terminal.</summary>
internal static class ComparisonScreen
{
    private static readonly string[] s_figures =
    [
        "latencyP50", "latencyP99", "inFull", "settled", "completed", "settleP50", "settleP95", "throughput", "lost", "doubled", "inconsistent", "interventions", "cpu", "rows", "calls",
    ];

    public static void Show(ComparisonReport report)
    {
        Screen.Line();
        foreach (var result in report.Results)
        {
            Screen.Heading($"{result.Scenario.Title} ({result.Scenario.Rounds} {(result.Scenario.Rounds == 1 ? "round" : "rounds")} each)");
            Screen.Table(
                ["", "event", "traditional", "better in every round"],
                [
                    .. s_figures.Select(name => Figure.Find(name)!).Select(figure => (IReadOnlyList<string>)
                    [
                        figure.Title, figure.Text(figure.Read(result.Together["event"])), figure.Text(figure.Read(result.Together["traditional"])),
                        result.Better(figure) ?? "",
                    ]),
                ]);
        }

        Screen.Heading("What the publisher has to know");
        Screen.Table(
            ["", "event", "traditional"],
            [
                ["other teams named in its code", $"{report.EventSource.Teams.Count}", $"{report.TraditionalSource.Teams.Count}"],
                ["its lines of code", $"{report.EventSource.Lines}", $"{report.TraditionalSource.Lines}"],
            ]);
        Screen.Line($"(Returns in event mode depend on {report.SharedLines} lines of shared library besides: relay, pump, inbox, brokers. The event log, which both modes write, is not among them.)");
        Screen.Heading("Predictions");
        foreach (var outcome in report.Predictions.GroupBy(each => each.Outcome).OrderBy(group => group.Key))
            Screen.Line($"  {outcome.Key}: {outcome.Count()}");
        foreach (var failed in report.Predictions.Where(each => each.Outcome == PredictionOutcome.Failed))
        {
            var figure = Figure.Find(failed.Prediction.Figure)!;
            Screen.Line($"  failed: {failed.Prediction.Scenario}, {figure.Title}: {failed.Prediction.Claim}; measured event {figure.Text(failed.Event)}, traditional {figure.Text(failed.Traditional)}");
        }

        foreach (var finding in report.Audits.SelectMany(audit => audit.Findings))
            Screen.Line($"  {finding.Kind}: {finding.What}: {finding.Count} ({string.Join(", ", finding.Examples.Take(5))}{(finding.Count > 5 ? ", …" : "")})");
        Screen.Line();
        Screen.Line(report.Sentence);
    }
}
