using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.Benchmarks;

/// <summary>
/// Appending events to the log, 500 streams to a transaction. The twin inserts the same rows with one prepared statement a
/// transaction, and looks up no version.
/// </summary>
internal sealed class AppendBenchmark(Setting setting, int messages) : IBenchmark
{
    private const int PerTransaction = 500;

    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(setting.Servers.Database);
    private Service? _service;

    public string Name => "event log, append";

    public int Messages => messages;

    public async Task Prepare(CancellationToken cancellationToken) => _service = await Service.Start(setting, "bench");

    public async Task<Run> Ours(CancellationToken cancellationToken)
    {
        var events = await Empty();
        var clock = new Clock();
        clock.Begin();
        foreach (var chunk in events)
        {
            await using var scope = _service!.Services.CreateAsyncScope();
            await using var transaction = await scope.ServiceProvider.GetRequiredService<DbContext>().Database.BeginTransactionAsync(cancellationToken);
            var appended = await scope.ServiceProvider.GetRequiredService<EventStreams>().Append([.. chunk.Select(e => new StreamAppend(e.StreamId, 0, [e]))], cancellationToken);
            if (appended != AppendResult.Appended) throw new InvalidOperationException("An append met another version.");
            await transaction.CommitAsync(cancellationToken);
        }

        return clock.End();
    }

    public async Task<Run> Twin(CancellationToken cancellationToken)
    {
        var events = await Empty();
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var insert = new NpgsqlCommand(
            """
            insert into ese.event_log (stream_id, stream_version, event_id, type, subject, time, correlation_id, causation_id, coordination, traceparent, data)
            select stream_id, 1, event_id, type, subject, time, correlation_id, causation_id, coordination, traceparent, data::json
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                 as e(stream_id, event_id, type, subject, time, correlation_id, causation_id, coordination, traceparent, data)
            """, connection);
        var (ids, times) = (new NpgsqlParameter<Guid[]> { TypedValue = [] }, new NpgsqlParameter<DateTime[]> { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, TypedValue = [] });
        var texts = Enumerable.Range(0, 8).Select(_ => new NpgsqlParameter<string?[]> { TypedValue = [] }).ToArray();
        NpgsqlParameter[] inOrder = [texts[0], ids, texts[1], texts[2], times, .. texts[3..]];
        insert.Parameters.AddRange(inOrder);
        await insert.PrepareAsync(cancellationToken);
        var clock = new Clock();
        clock.Begin();
        foreach (var chunk in events)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            (ids.TypedValue, times.TypedValue) = (Array.ConvertAll(chunk, e => e.EventId), Array.ConvertAll(chunk, e => e.Time.UtcDateTime));
            Func<NewEvent, string?>[] columns =
                [e => e.StreamId, e => e.Type, e => e.Subject, e => e.CorrelationId, e => e.CausationId, e => e.Coordination, e => e.TraceParent, e => e.Data];
            for (var column = 0; column < columns.Length; column++) texts[column].TypedValue = Array.ConvertAll(chunk, e => columns[column](e));
            await insert.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return clock.End();
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null) await _service.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task<List<NewEvent[]>> Empty()
    {
        await setting.Servers.Execute("alter table ese.event_log disable trigger user; truncate ese.event_log; alter table ese.event_log enable trigger user");
        return [.. EseErp.Benchmarks.Messages.Events(messages).Chunk(PerTransaction)];
    }
}
