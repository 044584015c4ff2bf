using System.Diagnostics.Metrics;
using EseErp.EventStore;
using EseErp.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>From an event log that is full to a broker that has it all. Every run publishes the same log to a topic of its own.</summary>
internal sealed class RelayBenchmark(Setting setting, int messages) : IBenchmark
{
    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(setting.Servers.Database);
    private int _batchSize;
    private long _last;

    public string Name => "relay";

    public int Messages => messages;

    public async Task Prepare(CancellationToken cancellationToken)
    {
        // The service's own start makes the tables.
        await using var service = await Service.Start(setting, "bench");
        _batchSize = service.Services.GetRequiredService<IOptions<MessagingOptions>>().Value.RelayBatchSize;
        await setting.Servers.Execute("alter table ese.event_log disable trigger user; truncate ese.event_log; alter table ese.event_log enable trigger user");
        foreach (var chunk in EseErp.Benchmarks.Messages.Events(messages).Chunk(1000))
        {
            await using var scope = service.Services.CreateAsyncScope();
            await using var transaction = await scope.ServiceProvider.GetRequiredService<DbContext>().Database.BeginTransactionAsync(cancellationToken);
            await scope.ServiceProvider.GetRequiredService<EventStreams>()
                .Append(chunk.Select(e => new StreamAppend(e.StreamId, 0, [e])).ToList(), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await setting.Servers.Execute("vacuum analyze ese.event_log");
        await using var last = _database.CreateCommand("select max(position) from ese.event_log");
        _last = (long)(await last.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task<Run> Ours(CancellationToken cancellationToken)
    {
        var topic = await NewTopic(cancellationToken);
        var warmUp = await NewTopic(cancellationToken);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ILogPublisher? publisher = null;
        await using var service = await Service.Start(setting, "bench", publishes: topic, watch: inner => new WatchedBroker(inner)
        {
            Opened = opened => publisher = opened,
            BeforeReady = async () =>
            {
                // A producer connects at its first message; a service that runs has it connected.
                await inner.Publish(warmUp, [new OutgoingRecord("RMA-0", [0])], cancellationToken);
                ready.TrySetResult();
                await go.Task;
            },
        });
        using var published = new Published(service.Services.GetRequiredService<MessagingMetrics>(), messages);
        await ready.Task.WaitAsync(cancellationToken);
        var clock = new Clock();
        clock.Begin();
        go.SetResult();
        await published.Done.WaitAsync(cancellationToken);
        // An engine may have taken what it has not acknowledged yet.
        while (publisher!.Acknowledged < _last) await Task.Delay(1, cancellationToken);
        return clock.End();
    }

    public async Task<Run> Twin(CancellationToken cancellationToken)
    {
        var topic = await NewTopic(cancellationToken);
        var warmUp = await NewTopic(cancellationToken);
        await using (var connected = await setting.Engine.OpenPublisher(warmUp, cancellationToken))
            await connected.Publish([("RMA-0", [0])], 1, Guid.Empty, cancellationToken);
        await using var publisher = await setting.Engine.OpenPublisher(topic, cancellationToken);
        var clock = new Clock();
        clock.Begin();
        await RawRelay.Run(_database, publisher, topic, messages, _batchSize, cancellationToken);
        return clock.End();
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private async Task<string> NewTopic(CancellationToken cancellationToken)
    {
        var topic = $"bench-{Guid.NewGuid():N}";
        await setting.Engine.CreateTopic(topic, cancellationToken);
        return topic;
    }

    /// <summary>Hears the service's own count of what its broker has taken.</summary>
    private sealed class Published : IDisposable
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly MeterListener _listener = new();
        private long _count;

        public Published(MessagingMetrics metrics, int wanted)
        {
            _listener.SetMeasurementEventCallback<long>((_, measurement, _, _) =>
            {
                if (Interlocked.Add(ref _count, measurement) >= wanted) _done.TrySetResult();
            });
            _listener.EnableMeasurementEvents(metrics.Published);
            _listener.Start();
        }

        public Task Done => _done.Task;

        public void Dispose() => _listener.Dispose();
    }
}
