using EseErp.EventStore;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.Tracking.Timeline;

/// <summary>
/// Reads the timelines of all returns in the order in which they were written here, by the same rule as the event log: only
/// rows of transactions older than every transaction still running, ordered by (xid, position). A cursor that has passed
/// a place never misses a row that is committed before it later.
/// </summary>
public sealed class TimelineLog(NpgsqlDataSource database, EventLogSignal signal)
{
    /// <summary>Another replica's commit gives no signal, nor does a row that only now became safe to read.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Many batches a second may be committed; a stream need not look after each.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(20);

    /// <summary>Rows written from now on lie behind this position.</summary>
    public async Task<EventPosition> End(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select pg_snapshot_xmin(pg_current_snapshot())");
        return new EventPosition((ulong)(await command.ExecuteScalarAsync(cancellationToken))!, 0);
    }

    /// <summary>The next rows after a position, at most <paramref name="limit"/>.</summary>
    /// <param name="returnId">Null: of all returns.</param>
    public async Task<IReadOnlyList<(EventPosition Position, TimelineItem Item, string ReturnId)>> Read(
        EventPosition after, string? returnId, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            select xid, position, return_id, time, team, type, summary, event_id, correlation_id, causation_id, coordination, data
            from timeline
            where (xid, position) > (@xid, @position)
              and xid < pg_snapshot_xmin(pg_current_snapshot())
              {(returnId is null ? "" : "and return_id = @returnId")}
            order by xid, position
            limit @limit
            """);
        command.Parameters.Add(new NpgsqlParameter("xid", NpgsqlDbType.Xid8) { Value = after.Xid });
        command.Parameters.AddWithValue("position", after.Position);
        command.Parameters.AddWithValue("limit", limit);
        if (returnId is not null) command.Parameters.AddWithValue("returnId", returnId);

        var rows = new List<(EventPosition, TimelineItem, string)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var item = new TimelineItem(
                reader.GetFieldValue<DateTimeOffset>(3), reader.GetString(4), reader.GetString(5), reader.GetString(6), reader.GetGuid(7),
                reader.GetString(8), reader.IsDBNull(9) ? null : reader.GetString(9), reader.GetString(10),
                System.Text.Json.JsonElement.Parse(reader.GetString(11)));
            rows.Add((new EventPosition(reader.GetFieldValue<ulong>(0), reader.GetInt64(1)), item, reader.GetString(2)));
        }

        return rows;
    }

    /// <summary>Waits until there may be more to read, at most a moment.</summary>
    /// <param name="next">Taken by <see cref="NextSignal"/> before reading.</param>
    public static async Task Wait(Task next, CancellationToken cancellationToken)
    {
        await EventLogSignal.Wait(next, PollInterval, cancellationToken);
        await Task.Delay(ShortestWait, cancellationToken);
    }

    public Task NextSignal() => signal.Next();
}
