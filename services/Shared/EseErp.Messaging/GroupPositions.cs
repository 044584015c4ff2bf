using System.Collections.Concurrent;
using EseErp.EventStore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EseErp.Messaging;

/// <summary>How far a group has read one topic partition.</summary>
/// <param name="Position">The next offset the group will read; never before the oldest record that is left.</param>
/// <param name="End">The next offset that will be written, as last heard; null if it was never heard.</param>
/// <param name="LastSeen">When the group last moved; null before its first move.</param>
/// <param name="EndSeenAt">When this process heard of the end.</param>
/// <param name="Retrying">Events that failed and are retried, with those behind them.</param>
/// <param name="PausedSince">Since when the group stands still in this process, because everything fails; null while it runs.</param>
/// <param name="PauseReason">Why it stands still.</param>
public sealed record GroupPosition(
    string Group, string Topic, int Partition, long Position, long? End, DateTimeOffset? LastSeen, DateTimeOffset? EndSeenAt = null,
    long Retrying = 0, DateTimeOffset? PausedSince = null, string? PauseReason = null)
{
    /// <summary>Messages not yet read or being tried again; null while the end is not known.</summary>
    public long? Lag => End is { } end ? Math.Max(0, end - Position) + Retrying : null;
}

/// <summary>
/// How far the service's group is, from what the service knows itself: its stored offsets, what its own members have read since, and the
/// ends it last heard of. Whatever is down, it answers within two seconds.
/// </summary>
public sealed class GroupPositions
{
    private readonly IBroker _broker;
    private readonly GroupOffsets _offsets;
    private readonly Retries _retries;
    private readonly GroupTrouble _trouble;
    private readonly Subscriptions _subscriptions;
    private readonly string _group;

    internal GroupPositions(
        IBroker broker, GroupOffsets offsets, Retries retries, GroupTrouble trouble, Subscriptions subscriptions, IOptions<MessagingOptions> options) =>
        (_broker, _offsets, _retries, _trouble, _subscriptions, _group) = (broker, offsets, retries, trouble, subscriptions, options.Value.Group);

    private static readonly TimeSpan DatabaseLimit = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Topic, int Partition), (long Next, DateTimeOffset MovedAt)> _known = new();

    private IReadOnlyDictionary<(string Topic, int Partition), long> _retrying = new Dictionary<(string, int), long>();

    /// <summary>This process's member of the group; null while it has none.</summary>
    internal IGroupConsumer? Member { get; set; }

    /// <summary>Of all partitions of the topics that the service listens to.</summary>
    public async Task<IReadOnlyList<GroupPosition>> Read(CancellationToken cancellationToken)
    {
        var topics = _subscriptions.Topics.Keys.ToList();
        var ends = _broker.Ends(topics, cancellationToken);
        await LookUp(topics, cancellationToken);
        var own = (Member?.Places() ?? []).ToDictionary(place => (place.Topic, place.Partition), place => place.Next);
        var paused = _trouble.Paused;
        var heard = (await ends).ToDictionary(end => (end.Topic, end.Partition));
        return heard.Keys.Union(_known.Keys).Order()
            .Select(place =>
            {
                var end = heard.GetValueOrDefault(place);
                var stored = _known.TryGetValue(place, out var known) ? known : default;
                var position = Math.Max(own.GetValueOrDefault(place, stored.Next), end?.Oldest ?? 0);
                return new GroupPosition(
                    _group, place.Topic, place.Partition, position, end is null ? null : Math.Max(end.Next, position),
                    stored.MovedAt == default ? null : stored.MovedAt, end?.SeenAt, _retrying.GetValueOrDefault(place), paused?.Since, paused?.Reason);
            })
            .ToList();
    }

    private async Task LookUp(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(DatabaseLimit);
            // A server that has fallen silent keeps whoever gives up waiting as well.
            _retrying = await _retries.Count(limit.Token).WaitAsync(DatabaseLimit, cancellationToken);
            foreach (var (place, stored) in await _offsets.ReadWithTimes(topics, limit.Token).WaitAsync(DatabaseLimit, cancellationToken)) _known[place] = stored;
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // What was known before has to do.
        }
    }
}
