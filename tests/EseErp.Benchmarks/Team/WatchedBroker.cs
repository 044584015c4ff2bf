using EseErp.Messaging;

namespace EseErp.Benchmarks;

/// <summary>
/// A service's broker that tells when the service begins and how far it is. It adds nothing to the way of a message but a
/// count per batch.
/// </summary>
internal sealed class WatchedBroker(IBroker inner) : IBroker, IAsyncDisposable
{
    /// <summary>Asked before the service hears that its topics are ready: nothing is published or read until then.</summary>
    public Func<Task> BeforeReady { get; init; } = () => Task.CompletedTask;

    /// <summary>Records were handed out.</summary>
    public Action Taken { get; init; } = () => { };

    /// <summary>While it is closed, nothing is handed out.</summary>
    public PumpGate Gate { get; init; } = new();

    /// <summary>The log's way out.</summary>
    public Action<ILogPublisher> Opened { get; init; } = _ => { };

    /// <summary>So many records are applied and their offsets stored.</summary>
    public Action<int> Committed { get; init; } = _ => { };

    public async Task CreateTopics(IReadOnlyCollection<string> topics, int partitions, CancellationToken cancellationToken)
    {
        await inner.CreateTopics(topics, partitions, cancellationToken);
        await BeforeReady();
    }

    public Task Publish(string topic, IReadOnlyList<OutgoingRecord> records, CancellationToken cancellationToken) =>
        inner.Publish(topic, records, cancellationToken);

    public async Task<ILogPublisher> OpenPublisher(string producer, IPublishedPosition position, CancellationToken cancellationToken)
    {
        var publisher = await inner.OpenPublisher(producer, position, cancellationToken);
        Opened(publisher);
        return publisher;
    }

    public async Task<IGroupConsumer> Join(
        string group, IReadOnlyCollection<string> topics, ConsumeOptions options, IGroupOffsets offsets, CancellationToken cancellationToken) =>
        new Consumer(await inner.Join(group, topics, options, offsets, cancellationToken), this);

    public Task<IReadOnlyList<PartitionEnds>> Ends(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) => inner.Ends(topics, cancellationToken);

    public Task<IReadOnlyList<PartitionEnds>> EndsNow(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) => inner.EndsNow(topics, cancellationToken);

    public Task<IReadOnlyDictionary<string, int>> Partitions(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        inner.Partitions(topics, cancellationToken);

    public Task<bool> HasMembers(string group, CancellationToken cancellationToken) => inner.HasMembers(group, cancellationToken);

    public Task NoteOffsets(string group, IReadOnlyCollection<OffsetMove> offsets, CancellationToken cancellationToken) =>
        inner.NoteOffsets(group, offsets, cancellationToken);

    public Task Ping(CancellationToken cancellationToken) => inner.Ping(cancellationToken);

    public Task ApplyRetention(CancellationToken cancellationToken) => inner.ApplyRetention(cancellationToken);

    public Task<bool> HoldsRecordsBefore(DateTimeOffset time, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        inner.HoldsRecordsBefore(time, topics, cancellationToken);

    public ValueTask DisposeAsync() => ((IAsyncDisposable)inner).DisposeAsync();

    private sealed class Consumer(IGroupConsumer inner, WatchedBroker broker) : IGroupConsumer
    {
        public async Task<RecordBatch> Take(CancellationToken cancellationToken)
        {
            while (true)
            {
                await broker.Gate.Opened.WaitAsync(cancellationToken);
                var batch = await inner.Take(cancellationToken);
                if (broker.Gate.Opened.IsCompleted)
                {
                    broker.Taken();
                    return batch;
                }

                // Waited for before the gate was closed. It is read again.
                inner.Release(batch, TimeSpan.Zero);
            }
        }

        public IReadOnlyList<OffsetMove> Moves(IReadOnlyList<BrokerRecord> records) => inner.Moves(records);

        public void Commit(RecordBatch batch, IReadOnlyList<OffsetMove> stored)
        {
            inner.Commit(batch, stored);
            broker.Committed(batch.Records.Count);
        }

        public void LookUpAgain(RecordBatch batch) => inner.LookUpAgain(batch);

        public IReadOnlyList<OffsetMove> Unstored() => inner.Unstored();

        public void Stored(IReadOnlyList<OffsetMove> moves, bool succeeded) => inner.Stored(moves, succeeded);

        public IReadOnlyList<(string Topic, int Partition, long Next)> Places() => inner.Places();

        public void Release(RecordBatch batch, TimeSpan pause) => inner.Release(batch, pause);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

/// <summary>Holds back a pump. Open at first.</summary>
internal sealed class PumpGate
{
    private TaskCompletionSource _opened = Completed();

    public Task Opened => _opened.Task;

    public void Close() => _opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => _opened.TrySetResult();

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }
}
