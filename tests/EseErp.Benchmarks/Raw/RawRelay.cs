using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>
/// The relay's twin: the same rows in the same batches from the same table, the same bytes out, the place stored with each batch where
/// the broker can, and in the service's database once a second and at the end; by plain Npgsql with prepared statements.
/// </summary>
internal static class RawRelay
{
    private static readonly TimeSpan StoreInterval = TimeSpan.FromSeconds(1);

    public static async Task Run(NpgsqlDataSource database, IRawPublisher publisher, string name, int count, int batchSize, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenConnectionAsync(cancellationToken);
        var position = new NpgsqlParameter<long>();
        await using var read = new NpgsqlCommand(
            """
            select position, event_id, type, subject, time, correlation_id, causation_id, coordination, traceparent, stream_version, data
            from ese.event_log where position > $1 order by position limit $2
            """, session) { Parameters = { position, new NpgsqlParameter<int> { TypedValue = batchSize } } };
        var storedPosition = new NpgsqlParameter<long>();
        await using var store = new NpgsqlCommand(
            """
            insert into ese.relay_position (topic, position, updated_at) values ($1, $2, now())
            on conflict (topic) do update set position = excluded.position, updated_at = excluded.updated_at
            """, session) { Parameters = { new NpgsqlParameter<string> { TypedValue = name }, storedPosition } };
        await read.PrepareAsync(cancellationToken);
        await store.PrepareAsync(cancellationToken);

        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer);
        var stored = Stopwatch.GetTimestamp();
        for (var published = 0; published < count;)
        {
            var batch = new List<(string, byte[])>(batchSize);
            var last = Guid.Empty;
            await using (var reader = await read.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    (position.TypedValue, last) = (reader.GetInt64(0), reader.GetGuid(1));
                    buffer.ResetWrittenCount();
                    json.Reset();
                    Write(json, reader);
                    json.Flush();
                    batch.Add((reader.GetString(3), buffer.WrittenSpan.ToArray()));
                }
            }

            if (batch.Count == 0) throw new InvalidOperationException("The event log ended too early.");
            await publisher.Publish(batch, position.TypedValue, last, cancellationToken);
            published += batch.Count;
            if (published < count && Stopwatch.GetElapsedTime(stored) < StoreInterval) continue;
            storedPosition.TypedValue = position.TypedValue;
            await store.ExecuteNonQueryAsync(cancellationToken);
            stored = Stopwatch.GetTimestamp();
        }
    }

    private static void Write(Utf8JsonWriter json, NpgsqlDataReader reader)
    {
        json.WriteStartObject();
        json.WriteString("specversion"u8, "1.0"u8);
        json.WriteString("id"u8, reader.GetGuid(1));
        json.WriteString("source"u8, Messages.Source);
        json.WriteString("type"u8, reader.GetString(2));
        json.WriteString("subject"u8, reader.GetString(3));
        json.WriteString("time"u8, reader.GetDateTime(4));
        json.WriteString("datacontenttype"u8, "application/json"u8);
        json.WriteString("correlationid"u8, reader.GetString(5));
        if (!reader.IsDBNull(6)) json.WriteString("causationid"u8, reader.GetString(6));
        json.WriteString("coordination"u8, reader.GetString(7));
        if (!reader.IsDBNull(8)) json.WriteString("traceparent"u8, reader.GetString(8));
        json.WriteNumber("streamversion"u8, reader.GetInt32(9));
        json.WritePropertyName("data"u8);
        json.WriteRawValue(reader.GetString(10), skipInputValidation: true);
        json.WriteEndObject();
    }
}
