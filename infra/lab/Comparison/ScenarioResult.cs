using EseErp.Lab.Returns;

namespace EseErp.Lab.Comparison;

/// <summary>All arms in one scenario.</summary>
internal sealed class ScenarioResult(Scenario scenario, IReadOnlyList<Round> rounds, Wrong wrong)
{
    // Below it two medians of the same thing may well differ.
    private const double LeastFactor = 1.5;

    /// <summary>The arms that are measured, in the order of the report.</summary>
    public static IReadOnlyList<string> Modes { get; } = [PlannedReturn.Event, PlannedReturn.Traditional, PlannedReturn.TraditionalAsync];

    private readonly Dictionary<string, IReadOnlyList<Measured>> _each = rounds.GroupBy(round => round.Mode).ToDictionary(
        mode => mode.Key, mode => (IReadOnlyList<Measured>)[.. mode.OrderBy(round => round.Number).Select(round => Measured.Of([round], wrong))]);

    public Scenario Scenario => scenario;

    public IReadOnlyList<Round> Rounds => rounds;

    /// <summary>Returns per second, but for a burst; of a search the highest that was carried.</summary>
    public double Rate => rounds.Max(round => round.Rate);

    /// <summary>All rounds of a mode together; a mode that was not measured is not there.</summary>
    public IReadOnlyDictionary<string, Measured> Together { get; } = rounds.GroupBy(round => round.Mode).ToDictionary(
        mode => mode.Key, mode => Measured.Of([.. mode], wrong));

    /// <summary>A figure of all rounds together; null where it or the mode was not measured.</summary>
    public double? Read(Figure figure, string mode) => Together.GetValueOrDefault(mode) is { } measured ? figure.Read(measured) : null;

    /// <summary>The same for people.</summary>
    public string Text(Figure figure, string mode) =>
        Read(figure, mode) is null && figure.NeedsMany && Together.ContainsKey(mode) ? "too few" : figure.Text(Read(figure, mode));

    /// <summary>A figure round by round; empty where the mode was not measured.</summary>
    public IReadOnlyList<double?> PerRound(Figure figure, string mode) => [.. _each.GetValueOrDefault(mode, []).Select(figure.Read)];

    /// <summary>
    /// Which of a question's two modes has the better figure: in every round better than the other in any, and together by half
    /// as much again at least. Null: no difference is claimed, for one round tells nothing about chance.
    /// </summary>
    public string? Better(Figure figure, Question question)
    {
        var (ours, theirs) = (Values(question.One), Values(question.Other));
        if (figure.Better == 0 || ours is null || theirs is null)
            return null;
        var (one, other) = (Read(figure, question.One) ?? 0, Read(figure, question.Other) ?? 0);
        if (Math.Max(one, other) < LeastFactor * Math.Min(one, other) || one == other)
            return null;
        var isLess = ours.Max() < theirs.Min();
        var isMore = ours.Min() > theirs.Max();
        return !isLess && !isMore ? null : isLess == (figure.Better < 0) ? question.One : question.Other;

        List<double>? Values(string mode)
        {
            var values = PerRound(figure, mode);
            return values.Count >= 2 && values.All(value => value is not null) ? [.. values.Select(value => value!.Value)] : null;
        }
    }
}
