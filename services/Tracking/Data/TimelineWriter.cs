using EseErp.EventStore;
using EseErp.Tracking.Timeline;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.Tracking.Data;

/// <summary>Writes a batch's timeline rows with one statement, in the context's transaction.</summary>
internal static class TimelineWriter
{
    public static async Task Write(TrackingDb db, IReadOnlyList<TimelineEntry> entries, CancellationToken cancellationToken)
    {
        if (entries.Count == 0) return;
        await using var command = await db.Command(
            """
            insert into timeline (event_id, return_id, time, team, type, summary, correlation_id, causation_id, coordination, data)
            select e.event_id, e.return_id, e.time, e.team, e.type, e.summary, e.correlation_id, e.causation_id, e.coordination, e.data::json
            from unnest(@ids, @returns, @times, @teams, @types, @summaries, @correlations, @causations, @coordinations, @data) with ordinality
                 as e(event_id, return_id, time, team, type, summary, correlation_id, causation_id, coordination, data, place)
            order by e.place
            """, cancellationToken);
        command.Parameters.AddWithValue("ids", entries.Select(entry => entry.EventId).ToArray());
        command.Parameters.AddWithValue("returns", entries.Select(entry => entry.ReturnId).ToArray());
        command.Parameters.Add(new NpgsqlParameter("times", NpgsqlDbType.Array | NpgsqlDbType.TimestampTz)
        {
            Value = entries.Select(entry => entry.Time.UtcDateTime).ToArray(),
        });
        command.Parameters.AddWithValue("teams", entries.Select(entry => entry.Team).ToArray());
        command.Parameters.AddWithValue("types", entries.Select(entry => entry.Type).ToArray());
        command.Parameters.AddWithValue("summaries", entries.Select(entry => entry.Summary).ToArray());
        command.Parameters.AddWithValue("correlations", entries.Select(entry => entry.CorrelationId).ToArray());
        command.Parameters.Add(new NpgsqlParameter("causations", NpgsqlDbType.Array | NpgsqlDbType.Text)
        {
            Value = entries.Select(entry => entry.CausationId).ToArray(),
        });
        command.Parameters.AddWithValue("coordinations", entries.Select(entry => entry.Coordination).ToArray());
        command.Parameters.AddWithValue("data", entries.Select(entry => entry.Data).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
