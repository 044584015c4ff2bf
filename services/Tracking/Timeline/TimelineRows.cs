using EseErp.EventStore;
using EseErp.ServiceDefaults;
using EseErp.Tracking.Data;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.Tracking.Timeline;

/// <summary>Gathers the timeline rows of a batch and has them written with one statement at its end.</summary>
public sealed class TimelineRows(TrackingDb db)
{
    private readonly List<TimelineEntry> _entries = [];

    /// <summary>Adds a row, behind those added before.</summary>
    public void Add(TimelineEntry entry)
    {
        if (_entries.Count == 0) PendingWrites.Of(db).AtTheEnd(Write);
        _entries.Add(entry);
    }

    private void Write()
    {
        var entries = _entries.ToList();
        _entries.Clear();
        PendingWrites.Of(db).Add(
            // A position is given out for good, so a rehearsal brings its own.
            $"""
            insert into timeline (event_id, return_id, time, team, type, summary, correlation_id, causation_id, coordination, data{(Rehearsal.IsOn ? ", position) overriding system value" : ")")}
            select e.event_id, e.return_id, e.time, e.team, e.type, e.summary, e.correlation_id, e.causation_id, e.coordination, e.data::json{(Rehearsal.IsOn ? ", -e.place" : "")}
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) with ordinality
                 as e(event_id, return_id, time, team, type, summary, correlation_id, causation_id, coordination, data, place)
            order by e.place
            """,
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = entries.Select(entry => entry.EventId).ToArray() });
                parameters.Add(Texts(entries.Select(entry => entry.ReturnId)));
                parameters.Add(new NpgsqlParameter
                {
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, Value = entries.Select(entry => entry.Time.UtcDateTime).ToArray(),
                });
                parameters.Add(Texts(entries.Select(entry => entry.Team)));
                parameters.Add(Texts(entries.Select(entry => entry.Type)));
                parameters.Add(Texts(entries.Select(entry => entry.Summary)));
                parameters.Add(Texts(entries.Select(entry => entry.CorrelationId)));
                parameters.Add(Texts(entries.Select(entry => entry.CausationId)));
                parameters.Add(Texts(entries.Select(entry => entry.Coordination)));
                parameters.Add(Texts(entries.Select(entry => entry.Data)));
            });
    }

    private static NpgsqlParameter Texts(IEnumerable<string?> values) =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = values.ToArray() };
}
