using System.Runtime.CompilerServices;
using EseErp.ServiceDefaults;
using Npgsql;

namespace EseErp.EventStore;

/// <summary>A part of the log, in order.</summary>
/// <param name="Events">What may be handed out: nothing can appear before or between these any more.</param>
/// <param name="IsBlocked">Whether events behind them are committed and wait for a transaction that may still write before them.</param>
/// <param name="OldestHidden">When the first of those was recorded; null when there is none.</param>
public sealed record LogPage(IReadOnlyList<RecordedEvent> Events, bool IsBlocked, DateTimeOffset? OldestHidden);

/// <summary>
/// Reads a service's whole log in the order of positions, which in each stream is the order of versions. An event is handed out once
/// nothing can appear before it: a reader which has passed a place never misses an event that commits before it later.
/// </summary>
public sealed class EventLog(NpgsqlDataSource database, EventLogSignal signal, Faults faults) : IDisposable
{
    /// <summary>The table.</summary>
    public const string Table = "ese.event_log";

    private const int PageSize = 500;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan BlockedWait = TimeSpan.FromMilliseconds(100);

    private readonly LogHorizon _horizon = new(database, Table);

    /// <summary>The next events after a position, at most <paramref name="limit"/>. Does not wait for open transactions.</summary>
    public async Task<LogPage> Read(long after, int limit, CancellationToken cancellationToken)
    {
        await faults.BeforeCommand(cancellationToken);
        var events = await Query(after, long.MaxValue, limit, null, cancellationToken);
        // Without a gap there is no place where an event could still appear.
        if (events.Count == 0 || events[^1].Position - after == events.Count) return new LogPage(events, false, null);
        // What is behind the horizon was given out after it was looked at, or waits for somebody.
        var horizon = await _horizon.Look(cancellationToken);
        events = await Query(after, long.MaxValue, limit, null, cancellationToken);
        var (safe, decided) = (0, Math.Max(after, horizon));
        for (; safe < events.Count && events[safe].Position <= decided + 1; safe++) decided = Math.Max(decided, events[safe].Position);
        return safe == events.Count ? new LogPage(events, false, null) : new LogPage(events.GetRange(0, safe), true, events[safe].Time);
    }

    /// <summary>The next events after a position, at most <paramref name="limit"/>; waits a moment for open transactions.</summary>
    /// <param name="typePattern">An event type, or its beginning and a star: <c>ese.sales.*</c>. Null: all.</param>
    public async Task<IReadOnlyList<RecordedEvent>> Read(long after, int limit, string? typePattern, CancellationToken cancellationToken)
    {
        if (typePattern is not null)
        {
            await faults.BeforeCommand(cancellationToken);
            return await Query(after, await _horizon.Settle(BlockedWait, cancellationToken), limit, typePattern, cancellationToken);
        }

        for (var wait = ShortestWait; ; wait *= 2)
        {
            var page = await Read(after, limit, cancellationToken);
            if (page.Events.Count > 0 || !page.IsBlocked || wait > BlockedWait) return page.Events;
            await Task.Delay(wait, cancellationToken);
        }
    }

    /// <summary>How many events the log holds. Counts them one by one: for people, not for programs in a hurry.</summary>
    /// <param name="typePattern">As in <see cref="Read(long, int, string?, CancellationToken)"/>.</param>
    public async Task<long> Count(string? typePattern, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select count(*) from {Table} {(typePattern is null ? "" : "where type like @type")}");
        if (typePattern is not null) command.Parameters.AddWithValue("type", LikePattern(typePattern));
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Catches up from a position, then goes on live until cancelled.</summary>
    /// <param name="typePattern">As in <see cref="Read(long, int, string?, CancellationToken)"/>.</param>
    public async IAsyncEnumerable<RecordedEvent> Follow(
        long after, string? typePattern, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var wait = ShortestWait; !cancellationToken.IsCancellationRequested;)
        {
            var appended = signal.Next();
            var (events, horizon, blocked) = await Next(after, typePattern, cancellationToken);
            foreach (var e in events)
            {
                yield return e;
                after = e.Position;
            }

            // Otherwise a reader of a rare type would go through the same others again and again.
            if (events.Count < PageSize && after < horizon) after = horizon;
            if (events.Count > 0)
            {
                wait = ShortestWait;
                continue;
            }

            // The end of the transaction that hides an event gives no signal: look again soon, then ever less.
            await EventLogSignal.Wait(appended, blocked ? wait : PollInterval, cancellationToken);
            wait = blocked && wait < BlockedWait ? wait * 2 : blocked ? wait : ShortestWait;
        }
    }

    /// <summary>
    /// Catches up with one stream from a version, then goes on live until cancelled. Versions are given one after the other,
    /// so that none can appear behind one that was seen.
    /// </summary>
    public async IAsyncEnumerable<RecordedEvent> FollowStream(
        string streamId, int afterVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var appended = signal.Next();
            await using var command = database.CreateCommand(
                $"""
                select {EventStreams.SelectColumns} from {Table}
                where stream_id = @stream and stream_version > @version order by stream_version limit {PageSize}
                """);
            command.Parameters.AddWithValue("stream", streamId);
            command.Parameters.AddWithValue("version", afterVersion);
            var events = await EventStreams.Read(command, cancellationToken);
            foreach (var e in events)
            {
                yield return e;
                afterVersion = e.StreamVersion;
            }

            if (events.Count == 0) await EventLogSignal.Wait(appended, PollInterval, cancellationToken);
        }
    }

    public void Dispose() => _horizon.Dispose();

    private async Task<(IReadOnlyList<RecordedEvent> Events, long Horizon, bool IsBlocked)> Next(
        long after, string? typePattern, CancellationToken cancellationToken)
    {
        if (typePattern is null)
        {
            var page = await Read(after, PageSize, cancellationToken);
            return (page.Events, after, page.IsBlocked);
        }

        await faults.BeforeCommand(cancellationToken);
        var horizon = await _horizon.Look(cancellationToken);
        var events = await Query(after, horizon, PageSize, typePattern, cancellationToken);
        // Whether somebody waits behind the horizon is not known; whoever follows a type looks again when something is appended.
        return (events, horizon, IsBlocked: events.Count == 0 && await HasMore(Math.Max(after, horizon), cancellationToken));
    }

    private async Task<bool> HasMore(long after, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select (select position from {Table} where position > $1 order by position limit 1) is not null");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<List<RecordedEvent>> Query(long after, long upTo, int limit, string? typePattern, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            select {EventStreams.SelectColumns} from {Table}
            where position > $1 and position <= $2 {(typePattern is null ? "" : "and type like $4")}
            order by position limit $3
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = upTo });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        if (typePattern is not null) command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = LikePattern(typePattern) });
        return await EventStreams.Read(command, cancellationToken);
    }

    private static string LikePattern(string typePattern)
    {
        var escaped = typePattern.Replace(@"\", @"\\", StringComparison.Ordinal)
            .Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
        return escaped.Replace('*', '%');
    }
}
