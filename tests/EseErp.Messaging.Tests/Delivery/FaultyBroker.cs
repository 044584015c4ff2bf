namespace EseErp.Messaging.Tests;

/// <summary>Stands between a service and its broker, and fails where a test wants a crash.</summary>
public sealed class FaultyBroker(IBroker inner) : IBroker, IAsyncDisposable
{
    private int _published;

    /// <summary>How many records this service has had acknowledged.</summary>
    public int Published => Volatile.Read(ref _published);

    public Action BeforeJoin { get; set; } = () => { };

    public Action BeforePublish { get; set; } = () => { };

    public Action AfterPublish { get; set; } = () => { };

    public Action<RecordBatch> BeforeCommit { get; set; } = _ => { };

    public Task CreateTopics(IReadOnlyCollection<string> topics, int partitions, CancellationToken cancellationToken) =>
        inner.CreateTopics(topics, partitions, cancellationToken);

    public async Task Publish(string topic, IReadOnlyList<OutgoingRecord> records, CancellationToken cancellationToken)
    {
        BeforePublish();
        await inner.Publish(topic, records, cancellationToken);
        Interlocked.Add(ref _published, records.Count);
        AfterPublish();
    }

    public async Task<IGroupConsumer> Join(string group, IReadOnlyCollection<string> topics, ConsumeOptions options, CancellationToken cancellationToken)
    {
        BeforeJoin();
        return new Consumer(this, await inner.Join(group, topics, options, cancellationToken));
    }

    public Task<IReadOnlyList<GroupPosition>> Positions(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        inner.Positions(group, topics, cancellationToken);

    public Task SeekToBeginning(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        inner.SeekToBeginning(group, topics, cancellationToken);

    public Task ApplyRetention(CancellationToken cancellationToken) => inner.ApplyRetention(cancellationToken);

    public Task<bool> HoldsRecordsBefore(DateTimeOffset time, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        inner.HoldsRecordsBefore(time, topics, cancellationToken);

    public ValueTask DisposeAsync() => ((IAsyncDisposable)inner).DisposeAsync();

    private sealed class Consumer(FaultyBroker broker, IGroupConsumer inner) : IGroupConsumer
    {
        public Task<RecordBatch> Take(CancellationToken cancellationToken) => inner.Take(cancellationToken);

        public async Task Commit(RecordBatch batch, CancellationToken cancellationToken)
        {
            try
            {
                broker.BeforeCommit(batch);
            }
            catch
            {
                // As the contract has it: the lanes are free whether it succeeds or not.
                await inner.Commit(batch with { Records = [] }, cancellationToken);
                throw;
            }

            await inner.Commit(batch, cancellationToken);
        }

        public void Release(RecordBatch batch, TimeSpan pause) => inner.Release(batch, pause);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
