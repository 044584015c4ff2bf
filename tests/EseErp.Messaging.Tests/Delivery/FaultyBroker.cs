namespace EseErp.Messaging.Tests;

/// <summary>Stands between a service and its broker, and fails where a test wants a crash.</summary>
public sealed class FaultyBroker(IBroker inner) : IBroker, IAsyncDisposable
{
    private int _published;

    /// <summary>How many records this service has had taken by its log's publisher or published besides.</summary>
    public int Published => Volatile.Read(ref _published);

    public Action BeforeJoin { get; set; } = () => { };

    public Action BeforePublish { get; set; } = () => { };

    /// <summary>After the broker has them, and before the service hears of it.</summary>
    public Action AfterPublish { get; set; } = () => { };

    /// <summary>After a batch's transaction, and before its consumer hears of it.</summary>
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

    public async Task<ILogPublisher> OpenPublisher(string producer, IPublishedPosition position, CancellationToken cancellationToken)
    {
        var crashing = new CrashingPosition(position);
        return new Publisher(this, await inner.OpenPublisher(producer, crashing, cancellationToken), crashing);
    }

    public async Task<IGroupConsumer> Join(
        string group, IReadOnlyCollection<string> topics, ConsumeOptions options, IGroupOffsets offsets, CancellationToken cancellationToken)
    {
        BeforeJoin();
        return new Consumer(this, await inner.Join(group, topics, options, offsets, cancellationToken));
    }

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

    /// <summary>A process that has crashed notes nothing any more.</summary>
    private sealed class CrashingPosition(IPublishedPosition inner) : IPublishedPosition
    {
        public volatile bool Crashed;

        public Task<long> Read(CancellationToken cancellationToken) => inner.Read(cancellationToken);

        public Task Move(long from, long to, CancellationToken cancellationToken) =>
            Crashed ? throw new InvalidOperationException("crashed") : inner.Move(from, to, cancellationToken);

        public Task<bool> Holds(long position, Guid eventId, CancellationToken cancellationToken) => inner.Holds(position, eventId, cancellationToken);
    }

    private sealed class Publisher(FaultyBroker broker, ILogPublisher inner, CrashingPosition position) : ILogPublisher
    {
        public long Acknowledged => inner.Acknowledged;

        public async Task Publish(IReadOnlyList<LoggedRecord> records, CancellationToken cancellationToken)
        {
            broker.BeforePublish();
            await inner.Publish(records, cancellationToken);
            Interlocked.Add(ref broker._published, records.Count);
            try
            {
                broker.AfterPublish();
            }
            catch
            {
                position.Crashed = true;
                throw;
            }
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Consumer(FaultyBroker broker, IGroupConsumer inner) : IGroupConsumer
    {
        public Task<RecordBatch> Take(CancellationToken cancellationToken) => inner.Take(cancellationToken);

        public IReadOnlyList<OffsetMove> Moves(IReadOnlyList<BrokerRecord> records) => inner.Moves(records);

        public void Commit(RecordBatch batch, IReadOnlyList<OffsetMove> stored)
        {
            broker.BeforeCommit(batch);
            inner.Commit(batch, stored);
        }

        public void Release(RecordBatch batch, TimeSpan pause) => inner.Release(batch, pause);

        public void LookUpAgain(RecordBatch batch) => inner.LookUpAgain(batch);

        public IReadOnlyList<OffsetMove> Unstored() => inner.Unstored();

        public void Stored(IReadOnlyList<OffsetMove> moves, bool succeeded) => inner.Stored(moves, succeeded);

        public IReadOnlyList<(string Topic, int Partition, long Next)> Places() => inner.Places();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
