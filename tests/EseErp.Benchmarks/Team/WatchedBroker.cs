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

    /// <summary>So many records are applied and their offsets committed.</summary>
    public Action<int> Committed { get; init; } = _ => { };

    public async Task CreateTopics(IReadOnlyCollection<string> topics, int partitions, CancellationToken cancellationToken)
    {
        await inner.CreateTopics(topics, partitions, cancellationToken);
        await BeforeReady();
    }

    public Task Publish(string topic, IReadOnlyList<OutgoingRecord> records, CancellationToken cancellationToken) =>
        inner.Publish(topic, records, cancellationToken);

    public async Task<IGroupConsumer> Join(string group, IReadOnlyCollection<string> topics, ConsumeOptions options, CancellationToken cancellationToken) =>
        new Consumer(await inner.Join(group, topics, options, cancellationToken), this);

    public Task<IReadOnlyList<GroupPosition>> Positions(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        inner.Positions(group, topics, cancellationToken);

    public Task SeekToBeginning(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        inner.SeekToBeginning(group, topics, cancellationToken);

    public Task ApplyRetention(CancellationToken cancellationToken) => inner.ApplyRetention(cancellationToken);

    public Task<bool> HoldsRecordsBefore(DateTimeOffset time, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        inner.HoldsRecordsBefore(time, topics, cancellationToken);

    public ValueTask DisposeAsync() => ((IAsyncDisposable)inner).DisposeAsync();

    private sealed class Consumer(IGroupConsumer inner, WatchedBroker broker) : IGroupConsumer
    {
        public async Task<RecordBatch> Take(CancellationToken cancellationToken)
        {
            var batch = await inner.Take(cancellationToken);
            broker.Taken();
            return batch;
        }

        public async Task Commit(RecordBatch batch, CancellationToken cancellationToken)
        {
            await inner.Commit(batch, cancellationToken);
            broker.Committed(batch.Records.Count);
        }

        public void Release(RecordBatch batch, TimeSpan pause) => inner.Release(batch, pause);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
