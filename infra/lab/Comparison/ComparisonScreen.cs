using EseErp.Launcher.Output;

namespace EseErp.Lab.Comparison;

/// <summary>The answer and the figures in a terminal.</summary>
internal static class ComparisonScreen
{
    private static readonly string[] s_figures =
    [
        "carried", "latencyP50", "latencyP99", "answeredInFull", "taken", "settled", "completed", "settleP50", "settleP95", "throughput", "lost", "doubled", "inconsistent", "interventions", "cpu", "rows", "calls",
    ];

    public static void Show(ComparisonReport report)
    {
        Screen.Line();
        foreach (var result in report.Results)
            ShowFigures(result);
        Screen.Heading("What you have to own");
        Screen.Table(
            ["", .. Arm.Measured.Select(arm => arm.Title)],
            [.. DecisionPage.KnowledgeRows.Select(row => (IReadOnlyList<string>)[row.What, .. Arm.Measured.Select(row.Value)])]);
        Screen.Line(DecisionPage.KnowledgeRemark);
        ShowAnswer(report);
        foreach (var finding in report.Audits.SelectMany(audit => audit.Findings))
            Screen.Line($"  {finding.Kind}: {finding.What}: {finding.Count} ({string.Join(", ", finding.Examples.Take(5))}{(finding.Count > 5 ? ", …" : "")})");
        Screen.Line();
        if (DecisionPage.TooShortFor(report) is { } tooShort)
            Screen.Line(tooShort);
        Screen.Line(report.Sentence);
    }

    private static void ShowFigures(ScenarioResult result)
    {
        Screen.Heading(FormattableString.Invariant(
            $"{result.Scenario.Title} ({result.Scenario.Rounds} {(result.Scenario.Rounds == 1 ? "round" : "rounds")} each, {result.Rate:0.#} returns/s)"));
        Screen.Table(
            ["", .. Arm.Measured.Select(arm => arm.Short), "better: who coordinates", "better: does the caller wait"],
            [
                .. s_figures.Select(Figure.Named).Where(figure => Arm.Measured.Any(arm => result.Read(figure, arm.Mode) is not null))
                    .Select(figure => (IReadOnlyList<string>)
                    [
                        figure.Title, .. Arm.Measured.Select(arm => result.Text(figure, arm.Mode)),
                        result.Better(figure, Question.WhoCoordinates) ?? "", result.Better(figure, Question.WhetherTheCallerWaits) ?? "",
                    ]),
            ]);
    }

    private static void ShowAnswer(ComparisonReport report)
    {
        Screen.Heading("Predictions");
        foreach (var fallen in DecisionPage.Fallen(report))
            Screen.Line($"  failed: {fallen}");
        Screen.Line($"  {DecisionPage.Held(report)}");
        var advice = Advice.Of(report.Results);
        foreach (var question in Question.All)
        {
            Screen.Heading(question.Title);
            Screen.Line($"  {question.Alike} {DecisionPage.Summary(question, advice)}");
            if (Advice.Closeness(report.Results, question) is { } closeness)
                Screen.Line($"  {closeness}");
            foreach (var each in advice.Where(each => each.Topic.Question == question).OrderBy(each => each.Winner is null).ThenBy(each => each.Winner, StringComparer.Ordinal))
                Screen.Line($"  {(each.Winner is { } winner ? $"choose {Arm.Of(winner).Short}" : "no difference claimed")}: {each.Sentence}");
        }

        Screen.Line();
        Screen.Line(DecisionPage.Bound(report));
    }
}
