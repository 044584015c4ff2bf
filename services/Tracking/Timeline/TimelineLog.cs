using System.Text.Json;
using EseErp.EventStore;
using Npgsql;

namespace EseErp.Tracking.Timeline;

/// <summary>A row of the timeline.</summary>
/// <param name="Size">Roughly how many bytes it takes.</param>
public sealed record TimelineRow(long Position, string ReturnId, TimelineItem Item, int Size);

/// <summary>
/// Reads the timelines of all returns in the order in which they were written here, by the same rule as the event log
/// (<see cref="LogHorizon"/>): a cursor that has passed a place never misses a row that is committed before it later.
/// </summary>
public sealed class TimelineLog(NpgsqlDataSource database) : IDisposable
{
    /// <summary>Another replica's commit gives no signal, nor does a row that only now became safe to read.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Many batches a second may be committed; a stream need not look after each.</summary>
    public static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(20);

    private readonly LogHorizon _horizon = new(database, "public.timeline");

    /// <summary>Rows written from now on lie behind this position.</summary>
    public Task<long> End(CancellationToken cancellationToken) => _horizon.Settle(ServiceDatabase.LongestStandstill + TimeSpan.FromSeconds(1), cancellationToken);

    /// <summary>The next rows after a position, at most <paramref name="limit"/>.</summary>
    public async Task<IReadOnlyList<TimelineRow>> Read(long after, int limit, CancellationToken cancellationToken) =>
        await ReadUpTo(await _horizon.Look(cancellationToken), after, null, limit, cancellationToken);

    /// <summary>The next rows after a position and up to another, where everything is decided.</summary>
    /// <param name="returnId">Null: of all returns.</param>
    public async Task<IReadOnlyList<TimelineRow>> ReadUpTo(long upTo, long after, string? returnId, int limit, CancellationToken cancellationToken)
    {
        if (upTo <= after) return [];
        await using var command = database.CreateCommand(
            $"""
            select position, return_id, time, team, type, summary, event_id, correlation_id, causation_id, coordination, data
            from timeline
            where position > @after and position <= @upTo
              {(returnId is null ? "" : "and return_id = @returnId")}
            order by position
            limit @limit
            """);
        command.Parameters.AddWithValue("after", after);
        command.Parameters.AddWithValue("upTo", upTo);
        command.Parameters.AddWithValue("limit", limit);
        if (returnId is not null) command.Parameters.AddWithValue("returnId", returnId);

        var rows = new List<TimelineRow>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var data = reader.GetString(10);
            var item = new TimelineItem(
                reader.GetFieldValue<DateTimeOffset>(2), reader.GetString(3), reader.GetString(4), reader.GetString(5), reader.GetGuid(6),
                reader.GetString(7), reader.IsDBNull(8) ? null : reader.GetString(8), reader.GetString(9), JsonElement.Parse(data));
            rows.Add(new TimelineRow(reader.GetInt64(0), reader.GetString(1), item, 1000 + (2 * data.Length)));
        }

        return rows;
    }

    public void Dispose() => _horizon.Dispose();
}
