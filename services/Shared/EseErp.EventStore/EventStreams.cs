using System.Text;
using EseErp.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.EventStore;

/// <summary>What came of an append.</summary>
public enum AppendResult
{
    Appended,

    /// <summary>A stream was not at the expected version, or another transaction got there first. Nothing of use was
    /// written: the caller rolls back.</summary>
    VersionConflict,
}

/// <summary>Events for one stream.</summary>
/// <param name="ExpectedVersion">The version the stream must be at (0: it must not exist); null: whatever it is.</param>
public sealed record StreamAppend(string StreamId, int? ExpectedVersion, IReadOnlyList<NewEvent> Events);

/// <summary>
/// Appends to the event log and reads single streams, on the connection and in the transaction of the scope's
/// <see cref="DbContext"/>: state and events are committed together or not at all.
/// </summary>
public sealed class EventStreams(DbContext db)
{
    /// <summary>Bytes of an event's data in UTF-8. With the attributes around it, and as a dead letter, it still fits every broker.</summary>
    public const int MostDataBytes = 500_000;

    /// <summary>Bytes of a subject in UTF-8; it is the key of the published message.</summary>
    public const int MostSubjectBytes = 1_000;

    private const string Filled =
        "stream_id, stream_version, event_id, type, subject, time, correlation_id, causation_id, coordination, traceparent, data";

    // The version of each stream is looked up and checked in the statement that inserts. ON CONFLICT DO NOTHING waits
    // for a concurrent append to the same stream, so that a lost race shows as missing rows and not as a broken
    // transaction.
    private const string Rows =
        """
        e.stream_id, s.version + e.ordinal, e.event_id, e.type, e.subject, e.time, e.correlation_id, e.causation_id,
        e.coordination, e.traceparent, e.data::json
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             with ordinality as e(stream_id, ordinal, expected, event_id, type, subject, time, correlation_id, causation_id,
                                  coordination, traceparent, data, place)
        cross join lateral (
            select coalesce((select l.stream_version from ese.event_log l where l.stream_id = e.stream_id
                             order by l.stream_version desc limit 1), 0) as version) s
        where e.expected is null or e.expected = s.version
        order by e.place
        """;

    private const string InsertSql = $"insert into ese.event_log ({Filled}) select {Rows}";

    // A position is given out for good, so a rehearsal brings its own, which nobody else has.
    private const string RehearsedSql = $"insert into ese.event_log (position, {Filled}) overriding system value select -e.place, {Rows}";

    private const string AppendSql = $"{InsertSql} on conflict on constraint event_log_stream_version do nothing";

    private const string Columns = $"position, {Filled}";

    /// <summary>Appends to one stream. See <see cref="Append(IReadOnlyList{StreamAppend}, CancellationToken)"/>.</summary>
    public Task<AppendResult> Append(string streamId, int? expectedVersion, IReadOnlyList<NewEvent> events, CancellationToken cancellationToken) =>
        Append([new StreamAppend(streamId, expectedVersion, events)], cancellationToken);

    /// <summary>
    /// Appends events to any number of streams with one statement. Requires an open transaction on the DbContext. Each
    /// stream may be named once.
    /// </summary>
    /// <exception cref="ArgumentException">An event is larger than can be published.</exception>
    public async Task<AppendResult> Append(IReadOnlyList<StreamAppend> appends, CancellationToken cancellationToken)
    {
        if (appends.Sum(append => append.Events.Count) is var rows && rows == 0) return AppendResult.Appended;
        await using var command = await db.Command(AppendSql, cancellationToken);
        AddParameters(command.Parameters, appends);
        return await command.ExecuteNonQueryAsync(cancellationToken) == rows ? AppendResult.Appended : AppendResult.VersionConflict;
    }

    /// <summary>
    /// Appends events with the other writes of the unit of work, whatever the versions of their streams are. A lost race is a
    /// unique violation, and the unit runs again.
    /// </summary>
    public static void Append(IReadOnlyList<StreamAppend> appends, PendingWrites writes) =>
        writes.Add(Rehearsal.IsOn ? RehearsedSql : InsertSql, parameters => AddParameters(parameters, appends));

    private static void AddParameters(NpgsqlParameterCollection parameters, IReadOnlyList<StreamAppend> appends)
    {
        var rows = appends.SelectMany(append => append.Events.Select((e, index) => (append.ExpectedVersion, Ordinal: index + 1, Event: e))).ToList();
        foreach (var row in rows) RequirePublishable(row.Event);
        parameters.Add(Texts(rows.Select(row => row.Event.StreamId)));
        parameters.Add(new NpgsqlParameter<int[]> { TypedValue = rows.Select(row => row.Ordinal).ToArray() });
        parameters.Add(new NpgsqlParameter { Value = rows.Select(row => row.ExpectedVersion).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
        parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = rows.Select(row => row.Event.EventId).ToArray() });
        parameters.Add(Texts(rows.Select(row => row.Event.Type)));
        parameters.Add(Texts(rows.Select(row => row.Event.Subject)));
        parameters.Add(new NpgsqlParameter { Value = rows.Select(row => row.Event.Time.UtcDateTime).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        parameters.Add(Texts(rows.Select(row => row.Event.CorrelationId)));
        parameters.Add(Texts(rows.Select(row => row.Event.CausationId)));
        parameters.Add(Texts(rows.Select(row => row.Event.Coordination)));
        parameters.Add(Texts(rows.Select(row => row.Event.TraceParent)));
        parameters.Add(Texts(rows.Select(row => row.Event.Data)));
    }

    // What no broker takes would stop the relay, and with it every event behind.
    private static void RequirePublishable(NewEvent e)
    {
        if (Encoding.UTF8.GetByteCount(e.Data) is > MostDataBytes and var bytes)
            throw new ArgumentException($"The data of {e.Type} has {bytes} bytes; the most is {MostDataBytes}.");
        if (Encoding.UTF8.GetByteCount(e.Subject) > MostSubjectBytes)
            throw new ArgumentException($"The subject of {e.Type} has more than {MostSubjectBytes} bytes.");
    }

    /// <summary>The events of one stream, oldest first.</summary>
    /// <param name="asOfVersion">Read only up to this version; null: all.</param>
    public async Task<IReadOnlyList<RecordedEvent>> ReadStream(string streamId, int? asOfVersion, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = await db.Command(
                $"select {Columns} from ese.event_log where stream_id = @stream and stream_version <= @version order by stream_version", cancellationToken);
            command.Parameters.AddWithValue("stream", streamId);
            command.Parameters.AddWithValue("version", asOfVersion ?? int.MaxValue);
            return await Read(command, cancellationToken);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    internal static async Task<List<RecordedEvent>> Read(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var events = new List<RecordedEvent>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            events.Add(new RecordedEvent(
                reader.GetInt64(0), reader.GetString(1), reader.GetInt32(2), reader.GetGuid(3), reader.GetString(4), reader.GetString(5),
                reader.GetFieldValue<DateTimeOffset>(6), reader.GetString(7), reader.IsDBNull(8) ? null : reader.GetString(8),
                reader.GetString(9), reader.IsDBNull(10) ? null : reader.GetString(10), reader.GetString(11)));
        return events;
    }

    internal static string SelectColumns => Columns;

    private static NpgsqlParameter Texts(IEnumerable<string?> values) =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = values.ToArray() };
}
