using System.Text.RegularExpressions;
using EseErp.ServiceDefaults;
using Microsoft.Extensions.Logging;
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
public sealed class EventLog : IDisposable
{
    /// <summary>The table.</summary>
    public const string Table = "ese.event_log";

    private const int PageSize = 500;
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan BlockedWait = TimeSpan.FromMilliseconds(100);

    private readonly NpgsqlDataSource _database;
    private readonly Faults _faults;
    private readonly LogHorizon _horizon;
    private readonly LiveLog<RecordedEvent> _live;

    public EventLog(NpgsqlDataSource database, EventLogSignal signal, Faults faults, ILogger<LiveLog<RecordedEvent>> log)
    {
        (_database, _faults, _horizon) = (database, faults, new LogHorizon(database, Table));
        _live = new LiveLog<RecordedEvent>(new Source(this), signal, log);
    }

    /// <summary>The next events after a position, at most <paramref name="limit"/>. Does not wait for open transactions.</summary>
    public async Task<LogPage> Read(long after, int limit, CancellationToken cancellationToken)
    {
        await _faults.BeforeCommand(cancellationToken);
        var events = await Query(after, long.MaxValue, limit, null, cancellationToken);
        // Without a gap there is no place where an event could still appear.
        if (events.Count == 0 || events[^1].Position - after == events.Count) return new LogPage(events, false, null);
        // What is behind the horizon was given out after it was looked at, or waits for somebody.
        var horizon = await _horizon.Look(cancellationToken);
        events = await Query(after, long.MaxValue, limit, null, cancellationToken);
        var (safe, decided) = (0, Math.Max(after, horizon));
        for (; safe < events.Count && events[safe].Position <= decided + 1; safe++) decided = Math.Max(decided, events[safe].Position);
        return safe == events.Count ? new LogPage(events, false, null) : new LogPage([.. events.Take(safe)], true, events[safe].Time);
    }

    /// <summary>The next events after a position, at most <paramref name="limit"/>; waits a moment for open transactions.</summary>
    /// <param name="typePattern">An event type, or its beginning and a star: <c>ese.sales.*</c>. Null: all.</param>
    public async Task<IReadOnlyList<RecordedEvent>> Read(long after, int limit, string? typePattern, CancellationToken cancellationToken)
    {
        if (typePattern is not null)
        {
            await _faults.BeforeCommand(cancellationToken);
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
        await using var command = _database.CreateCommand($"select count(*) from {Table} {(typePattern is null ? "" : "where type like @type")}");
        if (typePattern is not null) command.Parameters.AddWithValue("type", LikePattern(typePattern));
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// Catches up from a position, then continues live until cancelled. All who do so share one reader (<see cref="LiveLog{T}"/>).
    /// </summary>
    /// <param name="typePattern">As in <see cref="Read(long, int, string?, CancellationToken)"/>.</param>
    public IAsyncEnumerable<RecordedEvent> Follow(long after, string? typePattern, CancellationToken cancellationToken) => _live.Follow(
        after, typePattern is null ? _ => true : Matcher(typePattern), (from, upTo, token) => Query(from, upTo, PageSize, typePattern, token), PageSize, cancellationToken);

    /// <summary>Catches up with one stream from a version, then continues live until cancelled.</summary>
    public IAsyncEnumerable<RecordedEvent> FollowStream(string streamId, int afterVersion, CancellationToken cancellationToken) => _live.Follow(
        0, e => e.StreamId == streamId && e.StreamVersion > afterVersion, (from, upTo, token) => QueryStream(streamId, afterVersion, from, upTo, token), PageSize,
        cancellationToken);

    /// <summary>What comes to a stream after a position, until cancelled.</summary>
    /// <param name="after">As <see cref="End"/> has told.</param>
    public IAsyncEnumerable<RecordedEvent> FollowStreamBehind(string streamId, long after, CancellationToken cancellationToken) => _live.Follow(
        after, e => e.StreamId == streamId, (from, upTo, token) => QueryStream(streamId, 0, from, upTo, token), PageSize, cancellationToken);

    /// <summary>A position up to which everything is decided: whatever is not there yet comes behind it.</summary>
    public Task<long> End(CancellationToken cancellationToken) => _horizon.Settle(BlockedWait, cancellationToken);

    public void Dispose()
    {
        _live.Dispose();
        _horizon.Dispose();
    }

    // Versions of a stream are in the order of positions.
    private async Task<IReadOnlyList<RecordedEvent>> QueryStream(string streamId, int afterVersion, long after, long upTo, CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand(
            $"""
            select {EventStreams.SelectColumns} from {Table}
            where stream_id = $1 and stream_version > $2 and position > $3 and position <= $4 order by stream_version limit {PageSize}
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = streamId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = afterVersion });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = upTo });
        return await EventStreams.Read(command, cancellationToken);
    }

    private async Task<IReadOnlyList<RecordedEvent>> Query(long after, long upTo, int limit, string? typePattern, CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand(
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

    private static Func<RecordedEvent, bool> Matcher(string typePattern)
    {
        var pattern = new Regex(
            $@"\A{Regex.Escape(typePattern).Replace(@"\*", ".*", StringComparison.Ordinal)}\z", RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
        return e => pattern.IsMatch(e.Type);
    }

    private sealed class Source(EventLog log) : ILiveSource<RecordedEvent>
    {
        public TimeSpan PollInterval => TimeSpan.FromSeconds(1);

        public TimeSpan Gather => TimeSpan.Zero;

        public long PositionOf(RecordedEvent item) => item.Position;

        public int SizeOf(RecordedEvent item) => 500 + (2 * item.Data.Length);

        public Task<long> End(CancellationToken cancellationToken) => log.End(cancellationToken);

        public async Task<(IReadOnlyList<RecordedEvent> Items, bool IsBlocked)> Read(long after, CancellationToken cancellationToken)
        {
            var page = await log.Read(after, PageSize, cancellationToken);
            return (page.Events, page.IsBlocked);
        }
    }
}
