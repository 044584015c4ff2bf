using System.Buffers;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.Benchmarks;

/// <summary>
/// The relay's twin: the same rows in the same batches from the same table, the same bytes out, the place stored after each
/// batch; by plain Npgsql with prepared statements.
/// </summary>
internal static class RawRelay
{
    public static async Task Run(NpgsqlDataSource database, IRawPublisher publisher, string name, int count, int batchSize, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenConnectionAsync(cancellationToken);
        var (xid, position) = (new NpgsqlParameter<ulong> { NpgsqlDbType = NpgsqlDbType.Xid8 }, new NpgsqlParameter<long>());
        await using var read = new NpgsqlCommand(
            """
            select xid, position, event_id, type, subject, time, correlation_id, causation_id, coordination, traceparent, stream_version, data
            from ese.event_log where (xid, position) > ($1, $2) and xid < pg_snapshot_xmin(pg_current_snapshot()) order by xid, position limit $3
            """, session) { Parameters = { xid, position, new NpgsqlParameter<int> { TypedValue = batchSize } } };
        var (storedXid, storedPosition) = (new NpgsqlParameter<ulong> { NpgsqlDbType = NpgsqlDbType.Xid8 }, new NpgsqlParameter<long>());
        await using var store = new NpgsqlCommand(
            """
            insert into ese.relay_position (topic, xid, position, updated_at) values ($1, $2, $3, now())
            on conflict (topic) do update set xid = excluded.xid, position = excluded.position, updated_at = excluded.updated_at
            """, session) { Parameters = { new NpgsqlParameter<string> { TypedValue = name }, storedXid, storedPosition } };
        await read.PrepareAsync(cancellationToken);
        await store.PrepareAsync(cancellationToken);

        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer);
        for (var published = 0; published < count;)
        {
            var batch = new List<(string, byte[])>(batchSize);
            await using (var reader = await read.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    (xid.TypedValue, position.TypedValue) = (reader.GetFieldValue<ulong>(0), reader.GetInt64(1));
                    buffer.ResetWrittenCount();
                    json.Reset();
                    Write(json, reader);
                    json.Flush();
                    batch.Add((reader.GetString(4), buffer.WrittenSpan.ToArray()));
                }
            }

            if (batch.Count == 0) throw new InvalidOperationException("The event log ended too early.");
            await publisher.Publish(batch, cancellationToken);
            (storedXid.TypedValue, storedPosition.TypedValue) = (xid.TypedValue, position.TypedValue);
            await store.ExecuteNonQueryAsync(cancellationToken);
            published += batch.Count;
        }
    }

    private static void Write(Utf8JsonWriter json, NpgsqlDataReader reader)
    {
        json.WriteStartObject();
        json.WriteString("specversion"u8, "1.0"u8);
        json.WriteString("id"u8, reader.GetGuid(2));
        json.WriteString("source"u8, Messages.Source);
        json.WriteString("type"u8, reader.GetString(3));
        json.WriteString("subject"u8, reader.GetString(4));
        json.WriteString("time"u8, reader.GetDateTime(5));
        json.WriteString("datacontenttype"u8, "application/json"u8);
        json.WriteString("correlationid"u8, reader.GetString(6));
        if (!reader.IsDBNull(7)) json.WriteString("causationid"u8, reader.GetString(7));
        json.WriteString("coordination"u8, reader.GetString(8));
        if (!reader.IsDBNull(9)) json.WriteString("traceparent"u8, reader.GetString(9));
        json.WriteNumber("streamversion"u8, reader.GetInt32(10));
        json.WritePropertyName("data"u8);
        json.WriteRawValue(reader.GetString(11), skipInputValidation: true);
        json.WriteEndObject();
    }
}
