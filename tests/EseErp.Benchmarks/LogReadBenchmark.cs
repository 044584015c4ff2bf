using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>Reading the whole log in order, page by page. The twin reads the same columns with a prepared statement into nothing.</summary>
internal sealed class LogReadBenchmark(Setting setting, int messages) : IBenchmark
{
    private const int Page = 500;

    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(setting.Servers.Database);
    private Service? _service;

    public string Name => "event log, read";

    public int Messages => messages;

    public async Task Prepare(CancellationToken cancellationToken)
    {
        _service = await Service.Start(setting, "bench");
        await setting.Servers.Execute("alter table ese.event_log disable trigger user; truncate ese.event_log; alter table ese.event_log enable trigger user");
        foreach (var chunk in EseErp.Benchmarks.Messages.Events(messages).Chunk(1000))
        {
            await using var scope = _service.Services.CreateAsyncScope();
            await using var transaction = await scope.ServiceProvider.GetRequiredService<DbContext>().Database.BeginTransactionAsync(cancellationToken);
            await scope.ServiceProvider.GetRequiredService<EventStreams>().Append([.. chunk.Select(e => new StreamAppend(e.StreamId, 0, [e]))], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await setting.Servers.Execute("vacuum analyze ese.event_log");
    }

    public async Task<Run> Ours(CancellationToken cancellationToken)
    {
        var log = _service!.Services.GetRequiredService<EventLog>();
        var clock = new Clock();
        clock.Begin();
        var (position, count) = (0L, 0);
        while (await log.Read(position, Page, null, cancellationToken) is { Count: > 0 } page) (position, count) = (page[^1].Position, count + page.Count);
        return Checked(clock.End(), count);
    }

    public async Task<Run> Twin(CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        var position = new NpgsqlParameter<long>();
        await using var command = new NpgsqlCommand(
            """
            select position, stream_id, stream_version, event_id, type, subject, time, correlation_id, causation_id, coordination, traceparent, data
            from ese.event_log where position > $1 order by position limit $2
            """, connection) { Parameters = { position, new NpgsqlParameter<int> { TypedValue = Page } } };
        await command.PrepareAsync(cancellationToken);
        var clock = new Clock();
        clock.Begin();
        var count = 0;
        for (var read = -1; read != 0; count += read)
        {
            read = 0;
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            for (; await reader.ReadAsync(cancellationToken); read++) position.TypedValue = reader.GetInt64(0);
        }

        return Checked(clock.End(), count);
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null) await _service.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Run Checked(Run run, int count) => count == messages ? run : throw new InvalidOperationException($"{count} of {messages} events were read.");
}
