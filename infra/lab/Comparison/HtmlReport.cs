using System.Globalization;
using System.Text;
using EseErp.Lab.Returns;

namespace EseErp.Lab.Comparison;

/// <summary>The report for a meeting: one file, nothing from the network, for light and dark.</summary>
internal static class HtmlReport
{
    private static readonly string[] s_costs = ["cpu", "rows", "kilobytes", "messages", "deliveries", "calls"];

    private static readonly Dictionary<string, string> s_arms = new()
    {
        [PlannedReturn.Event] = "User Support publishes one request, and every team reacts by itself. It answers 202 at once.",
        [PlannedReturn.Traditional] = "User Support drives the saga: it calls the teams one after another, undoes what must be undone, and answers at the end.",
        [PlannedReturn.TraditionalAsync] = "User Support drives the same saga, and answers 202 before it calls any team.",
    };

    public static string Of(ComparisonReport report)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream("comparison-report.html")!;
        using var reader = new StreamReader(stream);
        var page = new StringBuilder(reader.ReadToEnd());
        var results = report.Results;
        foreach (var (place, content) in new Dictionary<string, string>
        {
            ["verdict"] = $"<p class=\"verdict {(report.IsAccounted ? "good" : "bad")}\">{Html(report.Sentence)}</p>",
            ["too-short"] = DecisionPage.TooShortFor(report) is { } tooShort ? $"<p class=\"verdict bad\">{Html(tooShort)}</p>" : "",
            ["arms"] = string.Concat(Arm.Measured.Select(arm => $"<li><b class=\"{arm.Mode}\">{Html(arm.Title)}</b>: {Html(s_arms[arm.Mode])}</li>")),
            ["answer"] = DecisionPage.Html(report),
            ["legend"] = string.Concat(Arm.Measured.Select(arm => $"<span><i style=\"background:var(--{arm.Mode})\"></i>{Html(arm.Title)}</span>")),
            ["key-figures"] = KeyFigures(report),
            ["latency-chart"] = RangesOf(results, measured => measured.Latency, "User-visible latency of POST /returns"),
            ["settle-chart"] = RangesOf(results, measured => measured.Settle, "Time to settle"),
            ["outcome-chart"] = Charts.Stacks([.. results.SelectMany(Outcomes)], "Answers to clients"),
            ["waiting-charts"] = string.Concat(results.Select(WaitingChart)),
            ["cost-chart"] = CostChart(results),
            ["predictions"] = Predictions(report),
            ["accounting"] = Accounting(report),
            ["figures"] = string.Concat(results.Select(FigureTable)),
            ["settings"] = Settings(report),
        })
            page.Replace($"<!--{place}-->", content);
        return page.ToString();
    }

    private static string RangesOf(IReadOnlyList<ScenarioResult> results, Func<Measured, Percentiles> of, string title) =>
        Charts.Ranges([.. Rows(results, of)], title) is { Length: > 0 } chart ? chart : "<p>There were too few returns in every scenario.</p>";

    private static IEnumerable<(string, string, double, double, double)> Rows(IReadOnlyList<ScenarioResult> results, Func<Measured, Percentiles> of) =>
        results.Where(result => result.Together.Values.Any(measured => of(measured).IsOfEnough)).SelectMany(result => ScenarioResult.Modes.Select(mode =>
        {
            var percentiles = of(result.Together[mode]);
            return percentiles.IsOfEnough
                ? (result.Scenario.Title, mode, percentiles.P50, percentiles.P95, percentiles.P99)
                : (result.Scenario.Title, mode, 0, 0, 0);
        }));

    private static string KeyFigures(ComparisonReport report)
    {
        (string Scenario, string Figure, string Title)[] tiles =
        [
            ("healthy", "latencyP50", "POST /returns, p50"), ("healthy", "latencyP99", "POST /returns, p99"), ("healthy", "settleP50", "time to settle, p50"),
            ("rate", "carried", "highest rate, p99 of settling within 1 s"), ("healthy", "cpu", "CPU seconds per 1,000 returns, minus the idle system"),
            ("down", "answeredInFull", "answered with the decision, a team down part of the time"),
            ("down", "settled", "settled in the end, a team down part of the time"),
        ];
        var cards = tiles.Select(tile => report.Results.FirstOrDefault(result => result.Scenario.Name == tile.Scenario) is { } result
            ? Card(tile.Title, arm => Value(result, tile.Figure, arm.Mode))
            : "");
        return "<div class=\"cards\">" + string.Concat(cards)
            + Card("lines of code in the publisher, and of the library that the mode needs", arm => $"{PublisherSource.Of(arm.Mode).Lines} + {PublisherSource.Of(arm.Mode).LibraryLines}")
            + Card("other teams that the publisher names", arm => $"{PublisherSource.Of(arm.Mode).Teams.Count}") + "</div>";

        static string Card(string title, Func<Arm, string> value) =>
            $"<div class=\"card\"><div>{Html(title)}</div>{string.Concat(Arm.Measured.Select(arm => $"<b class=\"{arm.Mode}\">{Html(value(arm))}</b>"))}</div>";
    }

    private static IEnumerable<(string, string, IReadOnlyList<(string, string, double)>)> Outcomes(ScenarioResult result) => ScenarioResult.Modes.Select(mode =>
    {
        var measured = result.Together[mode];
        double Of(int count) => measured.Filed == 0 ? 0 : (double)count / measured.Filed;
        return (result.Scenario.Title, mode, (IReadOnlyList<(string, string, double)>)
        [
            ("good", "accepted", Of(measured.Accepted - measured.IncompleteAtFirst)),
            ("part", "accepted, resumed later", Of(measured.IncompleteAtFirst)),
            ("neutral", "declined by Sales, as planned", Of(measured.Filed - measured.Acceptable)),
            ("bad", "refused or declined without reason", Of(measured.Acceptable - measured.Accepted - measured.WithoutAnswer)),
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
        return Charts.Bars(
            [
                .. s_costs.Select(Figure.Named).Select(figure => (
                    figure.Title, (IReadOnlyList<(string, double?)>)[.. ScenarioResult.Modes.Select(mode => (mode, healthy.Read(figure, mode)))], (Func<double?, string>)figure.Text)),
            ],
            "Cost per return");
    }

    private static string Predictions(ComparisonReport report)
    {
        var rows = report.Predictions.OrderBy(each => each.Outcome != PredictionOutcome.Failed).Select(each =>
        {
            var figure = Figure.Named(each.Prediction.Figure);
            var outcome = each.Outcome switch { PredictionOutcome.Held => "held", PredictionOutcome.Failed => "failed", _ => "not measured" };
            var values = string.Concat(Arm.Measured.Select(arm => $"<td>{Html(figure.Text(each.Values.GetValueOrDefault(arm.Mode)))}</td>"));
            return $"<tr class=\"{outcome.Replace(" ", "-", StringComparison.Ordinal)}\"><td>{Html(each.Prediction.Scenario)}</td><td>{Html(figure.Title)}</td><td><code>{Html(each.Prediction.Claim)}</code></td>{values}<td class=\"outcome\">{outcome}</td><td>{Html(each.Prediction.Because)}</td></tr>";
        });
        return $"<p>{Html(DecisionPage.Held(report))} They were written before the first run (docs/comparison-predictions.md).</p>"
            + $"<div class=\"wide\"><table><tr><th>scenario</th><th>figure</th><th>prediction</th>{Heads()}<th></th><th>because</th></tr>{string.Concat(rows)}</table></div>";
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
        var rate = result.Rate.ToString("0.#", CultureInfo.InvariantCulture);
        return $"<details><summary>{Html(result.Scenario.Title)}</summary><p>{Html(result.Scenario.What)} {result.Scenario.Rounds} {(result.Scenario.Rounds == 1 ? "round" : "rounds")} in each mode, {rate} returns/s. {Html(string.Join(" ", result.Rounds.SelectMany(round => round.Notes.Select(note => $"{round.Mode}: {note}"))))}</p>"
            + $"<div class=\"wide\"><table><tr><th>figure</th>{Heads()}<th>better: who coordinates</th><th>better: does the caller wait</th></tr>{string.Concat(Figure.All.Select(Row))}</table></div></details>";

        string Row(Figure figure) =>
            $"<tr><td>{Html(figure.Title)}</td>{string.Concat(ScenarioResult.Modes.Select(mode => $"<td>{Values(figure, mode)}</td>"))}{string.Concat(Question.All.Select(question => $"<td>{result.Better(figure, question)}</td>"))}</tr>";

        string Values(Figure figure, string mode)
        {
            var rounds = result.PerRound(figure, mode);
            return Html(result.Text(figure, mode)) + (rounds.Count > 1 ? $" <small>({Html(string.Join(", ", rounds.Select(value => value is null && figure.NeedsMany ? "too few" : figure.Text(value))))})</small>" : "");
        }
    }

    private static string Heads() => string.Concat(Arm.Measured.Select(arm => $"<th>{Html(arm.Short)}</th>"));

    private static string Settings(ComparisonReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        <table>
        <tr><td>started</td><td>{report.StartedAt:yyyy-MM-dd HH:mm} UTC, {report.Seconds:0} s</td></tr>
        <tr><td>kind</td><td>{(report.Options.Quick ? "quick" : "full")}; left out: {(report.Skipped.Count == 0 ? "nothing" : string.Join(", ", report.Skipped))}</td></tr>
        <tr><td>seed</td><td>{report.Options.Seed}</td></tr>
        <tr><td>returns</td><td>at random moments that follow from the seed, the same in every mode: {report.Rates.Usual:0.#}/s while something is wrong; {report.Rates.Meaningful:0.#}/s when all is well ({Html(report.Rates.Basis)}); {report.Rates.Gentle:0.#}/s after a start</td></tr>
        <tr><td>warm-up</td><td>{report.Options.WarmUp.Rate:0}/s, until answers and processor time have settled ({Html(WarmUp.Rule)}), at most {report.Options.WarmUp.MostWindows} windows of {report.Options.WarmUp.Returns} returns. {string.Join("; ", report.WarmUps.Select(each => Html(each.Sentence)))}</td></tr>
        <tr><td>of them</td><td>{100 * report.Options.Mix.Declined:0.#} % that Sales declines; items wait {report.Options.ItemStep.TotalMilliseconds:0} ms for each physical step; .NET optimises what was called {report.Options.CallsBeforeOptimising:N0} times</td></tr>
        <tr><td>data</td><td>fresh for {(report.Options.Quick ? "the comparison" : "what is measured when all is well, and for what is measured when something is wrong")}; devices and orders of its own for every round</td></tr>
        <tr><td>broker</td><td>the embedded one, on PostgreSQL {Html(report.Machine.Postgres)}</td></tr>
        <tr><td>machine</td><td>{report.Machine.Cores} cores for everything, clients included; {Html(report.Machine.OperatingSystem)}; {Html(report.Machine.Runtime)}</td></tr>
        </table>
        """);

    private static string Value(ScenarioResult result, string name, string mode) => result.Text(Figure.Named(name), mode);

    private static string Html(string text) => Charts.Html(text);
}
