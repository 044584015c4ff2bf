using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace EseErp.Messaging.Tests;

/// <summary>What every broker engine promises. A class of tests is derived for each engine.</summary>
public abstract class BrokerConformance(IBrokerEngine engine)
{
    protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Long enough for a member that was going to take something to have taken it.</summary>
    protected static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(1500);

    // What each group has stored: its members share it, as replicas share a database.
    private readonly ConcurrentDictionary<string, MemoryOffsets> _stores = new();

    protected IBrokerEngine Engine { get; } = engine;

    /// <summary>Where a group keeps its offsets.</summary>
    protected MemoryOffsets Store(string group) => _stores.GetOrAdd(group, _ => new MemoryOffsets());

    /// <summary>How far a group has read these topics, from what it has stored and the ends that the broker tells.</summary>
    protected async Task<IReadOnlyList<GroupPosition>> Positions(IBroker broker, string group, params string[] topics) =>
        (await broker.Ends(topics, CancellationToken.None)).OrderBy(end => end.Topic).ThenBy(end => end.Partition)
        .Select(end => new GroupPosition(
            group, end.Topic, end.Partition, Math.Max(Store(group).Of(end.Topic, end.Partition)?.Next ?? 0, end.Oldest), end.Next,
            Store(group).Of(end.Topic, end.Partition)?.MovedAt, end.SeenAt))
        .ToList();

    /// <summary>How many records a group has not read yet.</summary>
    protected async Task<long> Lag(IBroker broker, string group, params string[] topics) =>
        (await Positions(broker, group, topics)).Sum(position => position.Lag!.Value);

    protected async Task<(IBroker Broker, string Topic)> NewTopic(int partitions = 4)
    {
        var broker = await Engine.Connect();
        return (broker, await NewTopic(broker, partitions));
    }

    protected static async Task<string> NewTopic(IBroker broker, int partitions = 4)
    {
        var topic = $"topic-{Guid.NewGuid():N}";
        await broker.CreateTopics([topic], partitions, CancellationToken.None);
        return topic;
    }

    protected static string NewGroup() => $"group-{Guid.NewGuid():N}";

    /// <summary>Publishes the numbers, spread over the keys; a record's value is its number.</summary>
    protected static async Task Publish(IBroker broker, string topic, IEnumerable<int> numbers, int keys = 40)
    {
        foreach (var some in numbers.Chunk(50))
            await broker.Publish(topic, some.Select(number => Record(number, keys)).ToList(), CancellationToken.None);
    }

    protected static OutgoingRecord Record(int number, int keys = 40) =>
        new($"RMA-{number % keys}", Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));

    protected static int NumberOf(BrokerRecord record) => int.Parse(Encoding.ASCII.GetString(record.Value), CultureInfo.InvariantCulture);

    protected Task<StoringConsumer> Join(IBroker broker, string group, string topic, int workers = 1, int batchSize = 500) =>
        Join(broker, group, [topic], workers, batchSize);

    protected async Task<StoringConsumer> Join(IBroker broker, string group, IReadOnlyCollection<string> topics, int workers = 1, int batchSize = 500) =>
        new(await broker.Join(group, topics, new ConsumeOptions { Workers = workers, BatchSize = batchSize }, Store(group), CancellationToken.None), Store(group));

    /// <summary>A member that works by itself.</summary>
    protected async Task<Member> Work(
        IBroker broker, string group, IReadOnlyCollection<string> topics, Journal journal, string name, int workers = 2, int batchSize = 20,
        Func<RecordBatch, Task>? work = null) =>
        new(name, await Join(broker, group, topics, workers, batchSize), workers, journal, work ?? (_ => Task.CompletedTask));

    protected static async Task<RecordBatch> Take(StoringConsumer consumer)
    {
        using var limit = new CancellationTokenSource(Limit);
        return await consumer.Take(limit.Token);
    }

    /// <summary>Takes so many records at once; what comes in smaller pieces is given back until it has gathered.</summary>
    protected static async Task<RecordBatch> Take(StoringConsumer consumer, int atLeast)
    {
        while (true)
        {
            var batch = await Take(consumer);
            if (batch.Records.Count >= atLeast) return batch;
            consumer.Release(batch, TimeSpan.Zero);
        }
    }

    /// <summary>Takes and commits until this many records came.</summary>
    protected static async Task<List<BrokerRecord>> TakeAll(StoringConsumer consumer, int count)
    {
        var records = new List<BrokerRecord>();
        while (records.Count < count)
        {
            var batch = await Take(consumer);
            records.AddRange(batch.Records);
            consumer.Commit(batch);
        }

        return records;
    }

    /// <summary>Nothing comes, although there was time enough.</summary>
    protected static async Task ShouldGetNothing(StoringConsumer consumer)
    {
        using var limit = new CancellationTokenSource(QuietTime);
        await Should.ThrowAsync<OperationCanceledException>(() => consumer.Take(limit.Token));
    }

    protected static void ShouldBeInOrder(IEnumerable<BrokerRecord> records)
    {
        foreach (var partition in records.GroupBy(record => (record.Topic, record.Partition)))
            partition.Select(record => record.Offset).ShouldBeInOrder(SortDirection.Ascending);
        foreach (var key in records.GroupBy(record => (record.Topic, record.Key)))
        {
            key.Select(record => record.Partition).Distinct().Count().ShouldBe(1);
            key.Select(NumberOf).ShouldBeInOrder(SortDirection.Ascending);
        }
    }
}
