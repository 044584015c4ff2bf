using EseErp.Lab.Auditing;
using EseErp.Lab.Returns;

namespace EseErp.Lab.Comparison;

/// <summary>Everything that was seen in one round: one scenario, one mode.</summary>
/// <param name="Number">From 1, within scenario and mode.</param>
/// <param name="Place">From 1, in the whole comparison.</param>
/// <param name="Rate">Returns per second, but for a burst.</param>
/// <param name="Progress">Where Tracking has the returns at the end of the round.</param>
/// <param name="RejectedAt">When Sales decided against a return.</param>
/// <param name="Interventions">What a person must do: resume returns that did not continue automatically, re-drive dead letters.</param>
/// <param name="Used">By everything from the first arrival until nothing moved any more.</param>
/// <param name="CpuSeconds">Likewise; null where it cannot be known.</param>
/// <param name="IdleCores">Cores that the same system uses when it has nothing to do; null where it cannot be known.</param>
/// <param name="Seconds">How long that was.</param>
/// <param name="Left">What was still under way then.</param>
internal sealed record Round(
    Scenario Scenario,
    string Mode,
    int Number,
    int Place,
    double Rate,
    IReadOnlyList<AnsweredReturn> Answered,
    IReadOnlyDictionary<string, TrackedProgress> Progress,
    IReadOnlyDictionary<string, DateTimeOffset> RejectedAt,
    int Repeated,
    long Interventions,
    Counters Used,
    double? CpuSeconds,
    double? IdleCores,
    double Seconds,
    Backlog? Left,
    IReadOnlyList<string> Notes)
{
    /// <summary>The rate that was carried at last, where one was searched for: the round then is that step of the search.</summary>
    public double? Carried { get; init; }

    /// <summary>Processor seconds beyond what the idle system uses in the same time.</summary>
    public double? CpuBeyondIdle => CpuSeconds - (IdleCores * Seconds) is { } seconds ? Math.Max(0, seconds) : null;

    public IReadOnlyList<string> ReturnIds => [.. Answered.Select(each => each.Filed.ReturnId).OfType<string>()];

    public TrackedProgress? ProgressOf(AnsweredReturn answered) => answered.Filed.ReturnId is { } id ? Progress.GetValueOrDefault(id) : null;

    /// <summary>How many returns are due and not settled, at moments since the first arrival.</summary>
    public IReadOnlyList<(double Seconds, int Returns)> Waiting(int moments)
    {
        var accepted = Answered.Where(each => each.Arrival.Planned.IsAcceptable).ToList();
        if (accepted.Count == 0)
            return [];
        var begin = accepted.Min(each => each.DueAt - each.Arrival.At);
        var end = accepted.Max(each => ProgressOf(each)?.SettledAt ?? each.DueAt) - begin;
        var last = Answered.Max(each => each.Arrival.At);
        if (end < last)
            end = last;
        return
        [
            .. Enumerable.Range(0, moments + 1).Select(moment =>
            {
                var at = begin + (end * moment / moments);
                return ((at - begin).TotalSeconds, accepted.Count(each => each.DueAt <= at && !(ProgressOf(each)?.SettledAt <= at)));
            }),
        ];
    }
}
