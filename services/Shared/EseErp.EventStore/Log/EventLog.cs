using System.Runtime.CompilerServices;
using EseErp.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.EventStore;

/// <summary>
/// Reads a service's whole log in (xid, position) order. Only events of transactions older than every transaction still
/// running are shown, so that a reader which has passed a place never misses an event that commits before it later.
/// </summary>
public sealed class EventLog(NpgsqlDataSource database, EventLogSignal signal, Faults faults)
{
    private const int PageSize = 500;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>The next events after a position, at most <paramref name="limit"/>.</summary>
    /// <param name="typePattern">An event type, or its beginning and a star: <c>ese.sales.*</c>. Null: all.</param>
    public async Task<IReadOnlyList<RecordedEvent>> Read(EventPosition after, int limit, string? typePattern, CancellationToken cancellationToken)
    {
        await faults.BeforeCommand(cancellationToken);
        await using var command = database.CreateCommand(
            $"""
            select {EventStreams.SelectColumns} from ese.event_log
            where (xid, position) > (@xid, @position)
              and xid < pg_snapshot_xmin(pg_current_snapshot())
              {(typePattern is null ? "" : "and type like @type")}
            order by xid, position
            limit @limit
            """);
        command.Parameters.Add(new NpgsqlParameter("xid", NpgsqlDbType.Xid8) { Value = after.Xid });
        command.Parameters.AddWithValue("position", after.Position);
        command.Parameters.AddWithValue("limit", limit);
        if (typePattern is not null) command.Parameters.AddWithValue("type", LikePattern(typePattern));
        return await EventStreams.Read(command, cancellationToken);
    }

    /// <summary>
    /// Whether there are events behind a position, those included that no reader is shown yet because an older transaction is
    /// still running.
    /// </summary>
    public async Task<bool> HasMore(EventPosition after, CancellationToken cancellationToken)
    {
        // Not "exists": its order would not count, and the planner expects so many matches that it reads the table from its beginning.
        await using var command = database.CreateCommand(
            "select (select position from ese.event_log where (xid, position) > (@xid, @position) order by xid, position limit 1) is not null");
        command.Parameters.Add(new NpgsqlParameter("xid", NpgsqlDbType.Xid8) { Value = after.Xid });
        command.Parameters.AddWithValue("position", after.Position);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>How many events the log holds. Counts them one by one: for people, not for programs in a hurry.</summary>
    /// <param name="typePattern">As in <see cref="Read"/>.</param>
    public async Task<long> Count(string? typePattern, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select count(*) from ese.event_log {(typePattern is null ? "" : "where type like @type")}");
        if (typePattern is not null) command.Parameters.AddWithValue("type", LikePattern(typePattern));
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Catches up from a position, then goes on live until cancelled.</summary>
    public async IAsyncEnumerable<RecordedEvent> Follow(
        EventPosition after, string? typePattern, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var appended = signal.Next();
            // Asked before reading: what lies below has been seen, or is of another type, once a page is not full.
            var horizon = typePattern is null ? EventPosition.Start : await Horizon(cancellationToken);
            var events = await Read(after, PageSize, typePattern, cancellationToken);
            foreach (var e in events)
            {
                yield return e;
                after = e.Position;
            }

            // Otherwise a reader of a rare type would go through the same others again and again.
            if (events.Count < PageSize && after < horizon) after = horizon;
            if (events.Count == 0) await EventLogSignal.Wait(appended, PollInterval, cancellationToken);
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
                select {EventStreams.SelectColumns} from ese.event_log
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

    // The last place that no transaction can write to any more.
    private async Task<EventPosition> Horizon(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select pg_snapshot_xmin(pg_current_snapshot())");
        return new EventPosition((ulong)(await command.ExecuteScalarAsync(cancellationToken))! - 1, long.MaxValue);
    }

    private static string LikePattern(string typePattern)
    {
        var escaped = typePattern.Replace(@"\", @"\\", StringComparison.Ordinal)
            .Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
        return escaped.Replace('*', '%');
    }
}
