using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace EseErp.Messaging;

/// <summary>
/// Tells a fault of the whole group from a fault of one message. A missing column, a missing permission or a full disk strikes whatever
/// comes: then the group pauses, and nothing becomes a dead letter for it. It is the message's own fault once another event of its type has
/// been applied since.
/// </summary>
internal sealed class GroupTrouble(TimeProvider clock) : IHealthCheck
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // Nobody has failed for longer than the longest pause and an attempt: whoever did is another replica's now.
    private static readonly TimeSpan Forgotten = LongestPause + TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<(string Topic, string Key), Trouble> _troubles = new();
    private readonly ConcurrentDictionary<int, int> _passes = new();
    private volatile State? _state;

    /// <summary>Since when the group stands still in this process, and why; null while it continues.</summary>
    public (DateTimeOffset Since, string Reason)? Paused =>
        _state is { } state && Stopwatch.GetElapsedTime(state.LastFailure) < Forgotten ? (state.Since, state.Reason) : null;

    /// <summary>Whether an error tells of the database's or the service's state rather than of the message.</summary>
    public static bool IsSystemic(Exception exception) => exception switch
    {
        // Names and rights (42, 28, 3D, 3F), resources (53), the system below (58), read only (25006).
        PostgresException postgres => postgres.SqlState[..2] is "42" or "28" or "3D" or "3F" or "53" or "58" || postgres.SqlState == "25006",
        { InnerException: { } inner } => IsSystemic(inner),
        _ => false,
    };

    /// <summary>Notes a systemic failure of an event.</summary>
    /// <returns>Whether it is the event's own fault.</returns>
    public bool IsItsOwn(BrokerRecord record, string type, bool othersSucceed)
    {
        var trouble = _troubles.GetOrAdd((record.Topic, record.Key), _ => new Trouble(type));
        if (othersSucceed) trouble.OthersSucceed = true;
        return trouble.OthersSucceed;
    }

    /// <summary>The group stands still.</summary>
    /// <returns>Whether it went on before.</returns>
    public bool Pause(Exception exception)
    {
        var before = Paused;
        var reason = exception.GetBaseException() is PostgresException postgres
            ? $"{postgres.SqlState}: {postgres.MessageText}"
            : exception.GetBaseException().GetType().Name;
        _state = new State(before?.Since ?? clock.GetUtcNow(), reason, Stopwatch.GetTimestamp());
        return before is null;
    }

    /// <summary>How long a lane waits after one more pass that failed. As long as one key alone is in trouble, its neighbours wait a second at most.</summary>
    public TimeSpan PauseOf(int lane)
    {
        var passes = _passes.AddOrUpdate(lane, 1, (_, before) => before + 1);
        return _troubles.Count < 2 ? FirstPause : TimeSpan.FromTicks(Math.Min(FirstPause.Ticks << Math.Min(passes - 1, 10), LongestPause.Ticks));
    }

    /// <summary>Notes what was applied.</summary>
    public void Applied(IReadOnlyCollection<Delivery> deliveries)
    {
        if (_state is not null) _state = null;
        if (_troubles.IsEmpty) return;
        _passes.Clear();
        foreach (var delivery in deliveries) _troubles.TryRemove((delivery.Record.Topic, delivery.Record.Key), out _);
        foreach (var type in deliveries.Select(delivery => delivery.Event.Type).Distinct())
            foreach (var trouble in _troubles.Values.Where(trouble => trouble.Type == type)) trouble.OthersSucceed = true;
    }

    /// <summary>The event is dead.</summary>
    public void Forget(BrokerRecord record) => _troubles.TryRemove((record.Topic, record.Key), out _);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        Paused is { } paused
            ? HealthCheckResult.Unhealthy($"The consumer group has stood still since {paused.Since:O}: {paused.Reason}")
            : HealthCheckResult.Healthy("The consumer group is running."));

    private sealed record State(DateTimeOffset Since, string Reason, long LastFailure);

    private sealed class Trouble(string type)
    {
        public string Type { get; } = type;

        public bool OthersSucceed { get; set; }
    }
}
