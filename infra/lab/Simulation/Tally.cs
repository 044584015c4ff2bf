using System.Collections.Concurrent;
using EseErp.Lab.Auditing;
using EseErp.Lab.Returns;

namespace EseErp.Lab.Simulation;

/// <summary>What clients have got so far.</summary>
/// <param name="Rejected">Declined by Sales, at once or later, or refused as not well formed.</param>
/// <param name="InFlight">Filed, and without an answer.</param>
/// <param name="Latency">Of the answers, each mode apart.</param>
/// <param name="Lag">Events each team has not applied yet; null when it does not say.</param>
internal sealed record Snapshot(
    int Filed, int Accepted, int Rejected, int Settled, int Completed, int InFlight,
    IReadOnlyList<(string Mode, Percentiles Latency)> Latency, IReadOnlyDictionary<string, long?> Lag);

/// <summary>What some returns came to: those of one client, or of all; those of one mode.</summary>
/// <param name="Of">Which returns.</param>
/// <param name="AnsweredInFull">The answer said what was decided.</param>
/// <param name="Latency">From the moment a return was to be filed to its answer.</param>
/// <param name="Settle">From the same moment until all teams had answered.</param>
internal sealed record Totals(
    string Of, int Answered, int AnsweredInFull, int Accepted, int Incomplete, int Declined, int Refused, int WithoutAnswer, int Settled, int Completed,
    Percentiles Latency, Percentiles Settle);

/// <summary>Counts answers as they come, and what became of the returns.</summary>
internal sealed class Tally
{
    private readonly ConcurrentQueue<AnsweredReturn> _answered = [];
    private readonly ConcurrentDictionary<string, Latencies> _latencies = [];
    private volatile IReadOnlyDictionary<string, TrackedProgress> _progress = new Dictionary<string, TrackedProgress>();
    private volatile int _moves;

    public IReadOnlyList<AnsweredReturn> Answered => [.. _answered];

    public void Add(AnsweredReturn answered)
    {
        _latencies.GetOrAdd(answered.Arrival.Planned.Mode, _ => new Latencies()).Record(answered.Latency);
        _answered.Enqueue(answered);
    }

    /// <summary>Grows as long as a look finds that something has moved.</summary>
    public int Moves => _moves;

    /// <summary>Looks where the accepted returns are.</summary>
    public async Task LookAsync(TeamDatabases data, CancellationToken cancellationToken)
    {
        var before = _progress;
        var now = await TrackedProgress.ReadAsync(data, [.. _answered.Select(each => each.Filed.ReturnId).OfType<string>()], cancellationToken);
        if (now.Count != before.Count || now.Values.Any(each => before.GetValueOrDefault(each.ReturnId) != each))
            Interlocked.Increment(ref _moves);
        _progress = now;
    }

    /// <summary>Whether every return is where it is going to stay.</summary>
    public bool IsOver => _answered.Where(each => each.Filed.IsAccepted).All(each => IsAtItsEnd(each.Filed));

    public Snapshot Read(int sent, IReadOnlyDictionary<string, long?> lag)
    {
        var (answered, progress) = (Answered, _progress);
        var accepted = answered.Count(each => each.Filed.IsAccepted);
        return new Snapshot(
            sent,
            accepted,
            answered.Count(each => each.Filed.Answer is FilingAnswer.Declined or FilingAnswer.Refused || ProgressOf(each.Filed) is { Status: "Declined" }),
            progress.Values.Count(each => each.SettledAt is not null),
            progress.Values.Count(each => each.CompletedAt is not null),
            sent - answered.Count,
            [.. _latencies.OrderBy(mode => mode.Key, StringComparer.Ordinal).Select(mode => (mode.Key, mode.Value.Read()))],
            lag);
    }

    public IReadOnlyList<Totals> PerClient =>
        [.. _answered.GroupBy(each => each.Arrival.Client).OrderBy(client => client.Key).Select(client => Total($"{client.Key + 1}", [.. client]))];

    public Totals AllClients => Total("all", Answered);

    /// <summary>Each mode by itself, of all clients. What is not well formed is in none: no mode has anything to do with it.</summary>
    public IReadOnlyList<Totals> PerMode =>
    [
        .. _answered.Where(each => each.Arrival.Planned.Fate != ReturnFate.Refused).GroupBy(each => each.Arrival.Planned.Mode)
            .OrderBy(mode => mode.Key, StringComparer.Ordinal).Select(mode => Total(mode.Key, [.. mode])),
    ];

    /// <summary>How many returns ended how, in words.</summary>
    public IReadOnlyList<(string Outcome, string Mode, int Count)> PerOutcome =>
    [
        .. _answered.GroupBy(each => (Outcome: OutcomeOf(each.Filed), each.Filed.Planned.Mode))
            .OrderBy(group => group.Key.Outcome, StringComparer.Ordinal).ThenBy(group => group.Key.Mode, StringComparer.Ordinal)
            .Select(group => (group.Key.Outcome, group.Key.Mode, group.Count())),
    ];

    private Totals Total(string of, IReadOnlyList<AnsweredReturn> answered)
    {
        int Count(FilingAnswer answer) => answered.Count(each => each.Filed.Answer == answer);
        var progress = answered.Select(each => (each.DueAt, Progress: ProgressOf(each.Filed))).Where(each => each.Progress is not null).ToList();
        return new Totals(
            of, answered.Count, answered.Count(each => each.Filed.HoldsTheDecision), Count(FilingAnswer.Accepted), Count(FilingAnswer.Incomplete), Count(FilingAnswer.Declined),
            Count(FilingAnswer.Refused), Count(FilingAnswer.None), progress.Count(each => each.Progress!.SettledAt is not null),
            progress.Count(each => each.Progress!.CompletedAt is not null), Latencies.Of(answered.Select(each => each.Latency)),
            Latencies.Of(progress.Where(each => each.Progress!.SettledAt is not null).Select(each => each.Progress!.SettledAt!.Value - each.DueAt)));
    }

    private string OutcomeOf(FiledReturn filed) => filed.Answer switch
    {
        FilingAnswer.None => "no answer",
        FilingAnswer.Declined => "declined at once",
        FilingAnswer.Refused => filed.Planned.Fate == ReturnFate.Refused ? $"not well formed ({filed.Status})" : $"refused ({filed.Status})",
        _ => ProgressOf(filed) switch
        {
            null => "accepted, Tracking does not know it yet",
            { Status: "Declined" } => "declined later",
            { CompletedAt: not null } => "completed",
            { SettledAt: not null } when filed.Planned.Fate == ReturnFate.Stuck => "settled, item kept back on purpose",
            { SettledAt: not null } known => $"settled, {known.Status}",
            var known => $"accepted, {known.Status}",
        },
    };

    // User Support goes on by itself with a return that is incomplete.
    private bool IsAtItsEnd(FiledReturn filed) => ProgressOf(filed) is { } known
        && (known.ClosedAt is not null || known.Status is "Declined" || (filed.Planned.Fate == ReturnFate.Stuck && known.SettledAt is not null));

    private TrackedProgress? ProgressOf(FiledReturn filed) => filed.ReturnId is { } returnId ? _progress.GetValueOrDefault(returnId) : null;
}
