using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using EseErp.Launcher;

namespace EseErp.Lab.Comparison;

/// <summary>What became of a prediction.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PredictionOutcome>))]
internal enum PredictionOutcome
{
    Held,

    /// <summary>It was measured, and it is not so.</summary>
    Failed,

    /// <summary>Its scenario or figure was not measured.</summary>
    NotMeasured,
}

/// <summary>A prediction with what was measured.</summary>
/// <param name="Values">The figure by mode; null where it was not measured.</param>
internal sealed record CheckedPrediction(Prediction Prediction, PredictionOutcome Outcome, IReadOnlyDictionary<string, double?> Values);

/// <summary>
/// One row of docs/comparison-predictions.md, written down before it was measured: <c>event &lt; traditional / 3</c>,
/// <c>traditional &gt;= 2 * event</c>, <c>traditional-async = 100</c>.
/// </summary>
/// <param name="Claim">About a figure of one mode: below, above or equal to a number or to the same figure of another mode.</param>
internal sealed partial record Prediction(string Scenario, string Figure, string Claim, string Because)
{
    public static IReadOnlyList<Prediction> Written { get; } = Parse(ReadDocument());

    /// <summary>The rows of every table whose first column is a scenario.</summary>
    /// <exception cref="LauncherException">A row cannot be read.</exception>
    public static IReadOnlyList<Prediction> Parse(string markdown)
    {
        var scenarios = Comparison.Scenario.All(quick: true).Select(scenario => scenario.Name).ToHashSet();
        var rows = markdown.Split('\n').Where(line => line.StartsWith('|')).Select(line => line.Trim().Trim('|').Split('|').Select(cell => cell.Trim().Trim('`')).ToArray());
        List<Prediction> written = [.. rows.Where(row => row.Length == 4 && scenarios.Contains(row[0])).Select(row => new Prediction(row[0], row[1], row[2], row[3]))];
        foreach (var each in written)
        {
            if (Comparison.Figure.Find(each.Figure) is null || !ClaimPattern().IsMatch(each.Claim))
                throw new LauncherException($"This prediction cannot be read: {each.Scenario}, {each.Figure}, {each.Claim}");
        }

        return written;
    }

    public CheckedPrediction Check(IReadOnlyList<ScenarioResult> results)
    {
        var figure = Comparison.Figure.Named(Figure);
        var result = results.FirstOrDefault(each => each.Scenario.Name == Scenario);
        var values = Arm.All.ToDictionary(arm => arm.Mode, arm => result?.Read(figure, arm.Mode));
        var outcome = Holds(values) switch { true => PredictionOutcome.Held, false => PredictionOutcome.Failed, null => PredictionOutcome.NotMeasured };
        return new CheckedPrediction(this, outcome, values);
    }

    /// <summary>Null when a figure is missing.</summary>
    /// <param name="values">The figure by mode.</param>
    public bool? Holds(IReadOnlyDictionary<string, double?> values)
    {
        var parts = ClaimPattern().Match(Claim).Groups;
        double? Of(string mode) => values.GetValueOrDefault(mode);
        double Number(string group, double usual) => parts[group].Success ? double.Parse(parts[group].Value, CultureInfo.InvariantCulture) : usual;
        var left = Of(parts["subject"].Value);
        var right = parts["other"].Success ? Of(parts["other"].Value) * Number("times", 1) / Number("part", 1) : Number("number", 0);
        if (left is not { } value || right is not { } limit)
            return null;
        return parts["operator"].Value switch
        {
            "<" => value < limit,
            "<=" => value <= limit,
            ">" => value > limit,
            ">=" => value >= limit,
            _ => Math.Abs(value - limit) < 1e-9,
        };
    }

    private static string ReadDocument()
    {
        using var stream = typeof(Prediction).Assembly.GetManifestResourceStream("comparison-predictions.md")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\A(?<subject>event|traditional-async|traditional) (?<operator><=|>=|<|>|=) (?:(?:(?<times>[\d.]+) \* )?(?<other>event|traditional-async|traditional)(?: / (?<part>[\d.]+))?|(?<number>[\d.]+))\z")]
    private static partial Regex ClaimPattern();
}
