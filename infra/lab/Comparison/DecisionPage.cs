using System.Globalization;
using System.Text;

namespace EseErp.Lab.Comparison;

/// <summary>The first page of a report: what to choose when. Every sentence of it follows from the figures.</summary>
internal static class DecisionPage
{
    /// <summary>What a quick comparison is too short for; null for a full one.</summary>
    public static string? TooShortFor(ComparisonReport report) => !report.Options.Quick ? null
        : "A look, not a measurement. It has one round of each mode, so it cannot tell a difference from chance and claims none; most rounds have too few returns for percentiles and for the cost of a return; "
            + "the code has just started and is hardly optimised"
            + (report.Skipped.Count == 0 ? "." : $"; and it leaves out {string.Join(", ", report.Skipped)}.");

    /// <summary>The predictions that did not hold, in sentences.</summary>
    public static IReadOnlyList<string> Fallen(ComparisonReport report) =>
    [
        .. report.Predictions.Where(each => each.Outcome == PredictionOutcome.Failed).Select(each =>
        {
            var figure = Figure.Named(each.Prediction.Figure);
            var measured = Arm.Measured.Where(arm => each.Values.GetValueOrDefault(arm.Mode) is not null).Select(arm => $"{arm.Mode} {figure.Text(each.Values[arm.Mode])}");
            return $"{each.Prediction.Scenario}, {figure.Title}: {each.Prediction.Claim} was expected, because {each.Prediction.Because}; measured were {string.Join(", ", measured)}.";
        }),
    ];

    /// <summary>How many predictions held.</summary>
    public static string Held(ComparisonReport report)
    {
        var known = report.Predictions.Where(each => each.Outcome != PredictionOutcome.NotMeasured).ToList();
        var held = known.Count(each => each.Outcome == PredictionOutcome.Held);
        return $"{held} of {known.Count} predictions held; {report.Predictions.Count - known.Count} more are about what was not measured."
            + (report.Options.Quick ? " A look neither confirms nor refutes them." : "");
    }

    /// <summary>How often which arm is the one to choose.</summary>
    public static string Summary(Question question, IReadOnlyList<Advice> advice)
    {
        var about = advice.Where(each => each.Topic.Question == question).ToList();
        int For(string? mode) => about.Count(each => each.Winner == mode);
        return about.Count == 0
            ? "Not measured."
            : $"Of {about.Count} cases {Arm.Of(question.One).Short} is better in {For(question.One)}, {Arm.Of(question.Other).Short} in {For(question.Other)}; in {For(null)} no difference is claimed.";
    }

    /// <summary>What all sentences hold for.</summary>
    public static string Bound(ComparisonReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"All of it was seen on one machine with {report.Machine.Cores} cores for everything, clients and PostgreSQL included, with teams on the loopback unless it says 5 ms, and with the broker on PostgreSQL. \"Better\" is said where every round of one was better than every round of the other, and by half as much again or more. More cores, another broker or distant teams may change any of it.");

    public static string Html(ComparisonReport report)
    {
        var advice = Advice.Of(report.Results);
        var fallen = Fallen(report);
        var page = new StringBuilder("<section class=\"answer\">");
        page.Append(fallen.Count == 0
            ? $"<h2>Predictions</h2><p>All held. {Encode(Held(report))}</p>"
            : $"<h2>What was not as predicted</h2><ul class=\"fallen\">{Items(fallen)}</ul><p>{Encode(Held(report))}</p>");
        page.Append("<h2>What to choose</h2>");
        foreach (var question in Question.All)
        {
            page.Append($"<h3>{Encode(question.Title)}</h3><p>{Encode(question.Alike)} {Encode(Summary(question, advice))} {Encode(Advice.Closeness(report.Results, question) ?? "")}</p>");
            foreach (var mode in new[] { question.One, question.Other })
                page.Append(Choice($"Choose <b class=\"{mode}\">{Encode(Arm.Of(mode).Title)}</b>", advice, question, mode));
            page.Append(Choice("No difference is claimed", advice, question, null));
        }

        return page.Append(Knowledge()).Append($"<p class=\"soft\">{Encode(Bound(report))}</p></section>").ToString();
    }

    /// <summary>What a mode has to know and stands on: a row for each, a column for each arm.</summary>
    public static IReadOnlyList<(string What, Func<Arm, string> Value)> KnowledgeRows { get; } =
    [
        ("other teams that the publisher names", arm => $"{PublisherSource.Of(arm.Mode).Teams.Count}"),
        ("lines of code of the publisher", arm => PublisherSource.Of(arm.Mode).Lines.ToString("N0", CultureInfo.InvariantCulture)),
        (
            "lines of shared library that the mode needs",
            arm => string.Create(CultureInfo.InvariantCulture, $"{PublisherSource.Of(arm.Mode).LibraryLines:N0} ({PublisherSource.Of(arm.Mode).Library})")
        ),
    ];

    public const string KnowledgeRemark =
        "Tracking reads the facts of every mode with the library that choreography needs. The event log, which every mode writes, is in no column. Both arms of orchestration are the same code.";

    private static string Choice(string title, IReadOnlyList<Advice> advice, Question question, string? winner)
    {
        var sentences = advice.Where(each => each.Topic.Question == question && each.Winner == winner).Select(each => each.Sentence).ToList();
        return sentences.Count == 0 ? "" : $"<h4>{title}</h4><ul>{Items(sentences)}</ul>";
    }

    private static string Knowledge() =>
        $"<h3>What one has to own</h3><table><tr><th></th>{string.Concat(Arm.Measured.Select(arm => $"<th>{Encode(arm.Title)}</th>"))}</tr>"
        + string.Concat(KnowledgeRows.Select(row => $"<tr><td>{Encode(row.What)}</td>{string.Concat(Arm.Measured.Select(arm => $"<td>{Encode(row.Value(arm))}</td>"))}</tr>"))
        + $"</table><p class=\"soft\">{KnowledgeRemark}</p>";

    private static string Items(IEnumerable<string> sentences) => string.Concat(sentences.Select(sentence => $"<li>{Encode(sentence)}</li>"));

    private static string Encode(string text) => Charts.Html(text);
}
