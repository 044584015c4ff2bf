using EseErp.Launcher.Returns;

namespace EseErp.Launcher.Comparison;

/// <summary>Both modes in one scenario.</summary>
internal sealed class ScenarioResult(Scenario scenario, IReadOnlyList<Round> rounds, Wrong wrong)
{
    // Below it two medians of the same thing may well differ.
    private const double LeastFactor = 1.5;

    public static IReadOnlyList<string> Modes { get; } = [PlannedReturn.Event, PlannedReturn.Traditional];

    private readonly Dictionary<string, IReadOnlyList<Measured>> _each = Modes.ToDictionary(
        mode => mode, mode => (IReadOnlyList<Measured>)[.. rounds.Where(round => round.Mode == mode).OrderBy(round => round.Number).Select(round => Measured.Of([round], wrong))]);

    public Scenario Scenario => scenario;

    public IReadOnlyList<Round> Rounds => rounds;

    /// <summary>All rounds of a mode together.</summary>
    public IReadOnlyDictionary<string, Measured> Together { get; } = Modes.ToDictionary(
        mode => mode, mode => Measured.Of([.. rounds.Where(round => round.Mode == mode)], wrong));

    /// <summary>A figure round by round.</summary>
    public IReadOnlyList<double?> PerRound(Figure figure, string mode) => [.. _each[mode].Select(figure.Read)];

    /// <summary>
    /// The mode that has the better figure: in every round better than the other in any, and together by half as much again at least.
    /// Null: no difference is claimed, for one round tells nothing about chance.
    /// </summary>
    public string? Better(Figure figure)
    {
        var (ours, theirs) = (Values(PlannedReturn.Event), Values(PlannedReturn.Traditional));
        if (figure.Better == 0 || ours is null || theirs is null || ours.Count < 2 || theirs.Count < 2)
            return null;
        var (one, other) = (figure.Read(Together[PlannedReturn.Event]) ?? 0, figure.Read(Together[PlannedReturn.Traditional]) ?? 0);
        if (Math.Max(one, other) < LeastFactor * Math.Min(one, other) || one == other)
            return null;
        var isLess = ours.Max() < theirs.Min();
        var isMore = ours.Min() > theirs.Max();
        return !isLess && !isMore ? null : isLess == (figure.Better < 0) ? PlannedReturn.Event : PlannedReturn.Traditional;

        List<double>? Values(string mode)
        {
            var values = PerRound(figure, mode);
            return values.All(value => value is not null) ? [.. values.Select(value => value!.Value)] : null;
        }
    }
}
