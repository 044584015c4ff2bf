using System.Globalization;
using System.Text;

namespace EseErp.Launcher.Comparison;

/// <summary>The report for a meeting: one file, nothing from the network, for light and dark.</summary>
internal static class HtmlReport
{
    private static readonly string[] s_costs = ["cpu", "rows", "kilobytes", "messages", "deliveries", "calls"];

    public static string Of(ComparisonReport report)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream("comparison-report.html")!;
        using var reader = new StreamReader(stream);
        var page = new StringBuilder(reader.ReadToEnd());
        var results = report.Results;
        foreach (var (place, content) in new Dictionary<string, string>
        {
            ["verdict"] = $"<p class=\"verdict {(report.IsAccounted ? "good" : "bad")}\">{Html(report.Sentence)}</p>",
            ["key-figures"] = KeyFigures(report),
            ["latency-chart"] = Charts.Ranges([.. Rows(results, measured => measured.Latency)], "User-visible latency of POST /returns"),
            ["settle-chart"] = Charts.Ranges([.. Rows(results, measured => measured.Settle)], "Time to settle"),
            ["outcome-chart"] = Charts.Stacks([.. results.SelectMany(Outcomes)], "What clients were told"),
            ["waiting-charts"] = string.Concat(results.Select(WaitingChart)),
            ["cost-chart"] = CostChart(results),
            ["traditional"] = TraditionalIsBetter(report),
            ["predictions"] = Predictions(report),
            ["accounting"] = Accounting(report),
            ["figures"] = string.Concat(results.Select(FigureTable)),
            ["settings"] = Settings(report),
        })
            page.Replace($"<!--{place}-->", content);
        return page.ToString();
    }

    private static IEnumerable<(string, string, double, double, double)> Rows(IReadOnlyList<ScenarioResult> results, Func<Measured, Returns.Percentiles> of) =>
        results.SelectMany(result => ScenarioResult.Modes.Select(mode =>
        {
            var percentiles = of(result.Together[mode]);
            return (result.Scenario.Title, mode, percentiles.P50, percentiles.P95, percentiles.P99);
        }));

    private static string KeyFigures(ComparisonReport report)
    {
        if (report.Results.FirstOrDefault(result => result.Scenario.Name == "healthy") is not { } healthy)
            return "";
        string[] names = ["latencyP50", "latencyP99", "settleP50", "cpu"];
        var cards = names.Select(name => Card(Figure.Find(name)!.Title, Value(healthy, name, "event"), Value(healthy, name, "traditional")));
        var down = report.Results.FirstOrDefault(result => result.Scenario.Name == "down");
        return "<div class=\"cards\">" + string.Concat(cards)
            + (down is null ? "" : Card("answered in full, a team down for a part of it", Value(down, "inFull", "event"), Value(down, "inFull", "traditional")))
            + Card("teams the publisher knows", $"{report.EventSource.Teams.Count}", $"{report.TraditionalSource.Teams.Count}")
            + Card("lines of code in the publisher", $"{report.EventSource.Lines}", $"{report.TraditionalSource.Lines}") + "</div>";

        static string Card(string title, string ours, string theirs) =>
            $"<div class=\"card\"><div>{Html(title)}</div><b class=\"event\">{Html(ours)}</b><b class=\"traditional\">{Html(theirs)}</b></div>";
    }

    private static IEnumerable<(string, string, IReadOnlyList<(string, string, double)>)> Outcomes(ScenarioResult result) => ScenarioResult.Modes.Select(mode =>
    {
        var measured = result.Together[mode];
        double Of(int count) => measured.Filed == 0 ? 0 : (double)count / measured.Filed;
        return (result.Scenario.Title, mode, (IReadOnlyList<(string, string, double)>)
        [
            ("good", "accepted", Of(measured.Accepted - measured.IncompleteAtFirst)),
            ("part", "accepted, gone on with later", Of(measured.IncompleteAtFirst)),
            ("neutral", "declined by Sales, as it has to", Of(measured.Filed - measured.Acceptable)),
            ("bad", "refused or declined without need", Of(measured.Acceptable - measured.Accepted - measured.WithoutAnswer)),
            ("bad", "no answer", Of(measured.WithoutAnswer)),
        ]);
    });

    private static string WaitingChart(ScenarioResult result)
    {
        var lines = ScenarioResult.Modes.Select(mode => (mode, result.Rounds.First(round => round.Mode == mode).Waiting(120))).ToList();
        return $"<figure><figcaption>{Html(result.Scenario.Title)}</figcaption>{Charts.Lines(lines, $"Returns waiting: {result.Scenario.Title}")}</figure>";
    }

    private static string CostChart(IReadOnlyList<ScenarioResult> results)
    {
        if (results.FirstOrDefault(result => result.Scenario.Name == "healthy") is not { } healthy)
            return "<p>The healthy scenario was not measured.</p>";
        return Charts.Pairs(
            [
                .. s_costs.Select(name => Figure.Find(name)!).Select(figure => (
                    figure.Title, figure.Read(healthy.Together["event"]), figure.Read(healthy.Together["traditional"]), (Func<double?, string>)figure.Text)),
            ],
            "Cost per return");
    }

    private static string TraditionalIsBetter(ComparisonReport report)
    {
        var rows = report.TraditionalIsBetter.GroupBy(each => each.Figure).Select(figure =>
            $"<tr><td>{Html(figure.Key.Title)}</td><td>{string.Join("<br>", figure.Select(each => Html($"{each.Result.Scenario.Title}: {figure.Key.Text(figure.Key.Read(each.Result.Together["traditional"]))} against {figure.Key.Text(figure.Key.Read(each.Result.Together["event"]))}")))}</td></tr>");
        return "<ul>"
            + $"<li><b>Read your writes.</b> {Html(Healthy(report, "readYourWrites"))} of the returns are settled at every team when the client has its answer.</li>"
            + $"<li><b>Immediate rejection.</b> {Html(Healthy(report, "toldAtOnce"))} of the returns that Sales declines are declined in the answer itself.</li>"
            + $"<li><b>Fewer moving parts.</b> A return settles with five services and their databases up. In event mode the broker, {ServiceCatalog.Publishing.Count} relays and the teams' pumps have to run too: {report.SharedLines.ToString("N0", CultureInfo.InvariantCulture)} lines of shared library, written once, against {(report.TraditionalSource.Lines - report.EventSource.Lines).ToString("N0", CultureInfo.InvariantCulture)} more lines in the publisher.</li>"
            + $"<li><b>Low load.</b> {LowLoad(report)} Time to settle, p50, when all is well: {Html(Healthy(report, "settleP50"))}.</li></ul>"
            + (rows.Any() ? $"<p>Better in every round, by half as much again or more:</p><table><tr><th>figure</th><th>traditional against event</th></tr>{string.Concat(rows)}</table>" : "<p>No figure with several rounds was better in traditional mode in every round.</p>");
    }

    // A call is on its way at once, an event waits for relay and pump: it is often said, and not always so.
    private static string LowLoad(ComparisonReport report) =>
        report.Results.FirstOrDefault(result => result.Scenario.Name == "healthy") is not { } healthy ? ""
        : healthy.Better(Figure.Find("settleP50")!) switch
        {
            "traditional" => "Calls settle a return sooner.",
            "event" => "Not here, though it is often said: events settled a return sooner.",
            _ => "No difference that can be called one.",
        };

    private static string Healthy(ComparisonReport report, string name) =>
        report.Results.FirstOrDefault(result => result.Scenario.Name == "healthy") is { } healthy
            ? $"{Value(healthy, name, "traditional")} (event: {Value(healthy, name, "event")})"
            : "not measured";

    private static string Predictions(ComparisonReport report)
    {
        var rows = report.Predictions.Select(each =>
        {
            var figure = Figure.Find(each.Prediction.Figure)!;
            var outcome = each.Outcome switch { PredictionOutcome.Held => "held", PredictionOutcome.Failed => "failed", _ => "not measured" };
            return $"<tr class=\"{outcome.Replace(" ", "-", StringComparison.Ordinal)}\"><td>{Html(each.Prediction.Scenario)}</td><td>{Html(figure.Title)}</td><td><code>{Html(each.Prediction.Claim)}</code></td><td>{Html(figure.Text(each.Event))}</td><td>{Html(figure.Text(each.Traditional))}</td><td class=\"outcome\">{outcome}</td><td>{Html(each.Prediction.Because)}</td></tr>";
        });
        var held = report.Predictions.Count(each => each.Outcome == PredictionOutcome.Held);
        return $"<p>{held} of {report.Predictions.Count(each => each.Outcome != PredictionOutcome.NotMeasured)} predictions held. They were written down before the first run (docs/comparison-predictions.md).</p>"
            + $"<div class=\"wide\"><table><tr><th>scenario</th><th>figure</th><th>prediction</th><th>event</th><th>traditional</th><th></th><th>because</th></tr>{string.Concat(rows)}</table></div>";
    }

    private static string Accounting(ComparisonReport report)
    {
        var effects = report.Audits.SelectMany(audit => audit.Effects).GroupBy(effect => (effect.Team, effect.What))
            .Select(effect => $"<tr><td>{Html(effect.Key.Team)}</td><td>{Html(effect.Key.What)}</td><td>{effect.Sum(each => each.Due)}</td><td>{effect.Sum(each => each.Done)}</td></tr>");
        var findings = report.Audits.SelectMany(audit => audit.Findings)
            .Select(finding => $"<li class=\"bad\">{Html($"{finding.Kind}: {finding.What}: {finding.Count} ({string.Join(", ", finding.Examples.Take(5))})")}</li>");
        return $"<p>At the end every accepted return was looked up in the databases of all teams, warm-up included.</p><table><tr><th>team</th><th>effect</th><th>due</th><th>done</th></tr>{string.Concat(effects)}</table><ul>{string.Concat(findings)}</ul>";
    }

    private static string FigureTable(ScenarioResult result)
    {
        return $"<details><summary>{Html(result.Scenario.Title)}</summary><p>{Html(result.Scenario.What)} {result.Scenario.Rounds} {(result.Scenario.Rounds == 1 ? "round" : "rounds")} in each mode. {Html(string.Join(" ", result.Rounds.SelectMany(round => round.Notes.Select(note => $"{round.Mode}: {note}"))))}</p>"
            + $"<table><tr><th>figure</th><th>event</th><th>traditional</th><th>better in every round</th></tr>{string.Concat(Figure.All.Select(Row))}</table></details>";

        string Row(Figure figure) => $"<tr><td>{Html(figure.Title)}</td><td>{Values(figure, "event")}</td><td>{Values(figure, "traditional")}</td><td>{result.Better(figure)}</td></tr>";

        string Values(Figure figure, string mode)
        {
            var rounds = result.PerRound(figure, mode);
            return Html(figure.Text(figure.Read(result.Together[mode]))) + (rounds.Count > 1 ? $" <small>({Html(string.Join(", ", rounds.Select(figure.Text)))})</small>" : "");
        }
    }

    private static string Settings(ComparisonReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        <table>
        <tr><td>started</td><td>{report.StartedAt:yyyy-MM-dd HH:mm} UTC, {report.Seconds:0} s</td></tr>
        <tr><td>kind</td><td>{(report.Options.Quick ? "quick: short rounds, most of them once, with code that .NET has mostly not optimised yet; a look, not a measurement" : "full")}</td></tr>
        <tr><td>seed</td><td>{report.Options.Seed}</td></tr>
        <tr><td>returns</td><td>{report.Options.Rate:0.##} per second at random moments that follow from the seed, the same in both modes; warm-up of {report.Options.WarmUp.TotalSeconds:0} s in each mode apart</td></tr>
        <tr><td>of them</td><td>{100 * report.Options.Mix.Declined:0.#} % that Sales declines; items wait {report.Options.ItemStep.TotalMilliseconds:0} ms for each physical step; .NET optimises what was called {report.Options.CallsBeforeOptimising:N0} times</td></tr>
        <tr><td>data</td><td>fresh for {(report.Options.Quick ? "the comparison" : "each scenario")}; devices and orders of its own for every round</td></tr>
        <tr><td>broker</td><td>the embedded one, on PostgreSQL {Html(report.Machine.Postgres)}</td></tr>
        <tr><td>machine</td><td>{report.Machine.Cores} cores for everything, clients included; {Html(report.Machine.OperatingSystem)}; {Html(report.Machine.Runtime)}</td></tr>
        </table>
        """);

    private static string Value(ScenarioResult result, string name, string mode)
    {
        var figure = Figure.Find(name)!;
        return figure.Text(figure.Read(result.Together[mode]));
    }

    private static string Html(string text) => Charts.Html(text);
}
