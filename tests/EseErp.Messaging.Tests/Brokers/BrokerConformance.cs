using System.Globalization;
using System.Text;

namespace EseErp.Messaging.Tests;

/// <summary>What every broker engine promises. A class of tests is derived for each engine.</summary>
public abstract class BrokerConformance(IBrokerEngine engine)
{
    protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Long enough for a member that was going to take something to have taken it.</summary>
    protected static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(1500);

    protected IBrokerEngine Engine { get; } = engine;

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

    protected static Task<IGroupConsumer> Join(IBroker broker, string group, string topic, int workers = 1, int batchSize = 500) =>
        broker.Join(group, [topic], new ConsumeOptions { Workers = workers, BatchSize = batchSize }, CancellationToken.None);

    protected static async Task<RecordBatch> Take(IGroupConsumer consumer)
    {
        using var limit = new CancellationTokenSource(Limit);
        return await consumer.Take(limit.Token);
    }

    /// <summary>Takes so many records at once; what comes in smaller pieces is given back until it has gathered.</summary>
    protected static async Task<RecordBatch> Take(IGroupConsumer consumer, int atLeast)
    {
        while (true)
        {
            var batch = await Take(consumer);
            if (batch.Records.Count >= atLeast) return batch;
            consumer.Release(batch, TimeSpan.Zero);
        }
    }

    /// <summary>Takes and commits until this many records came.</summary>
    protected static async Task<List<BrokerRecord>> TakeAll(IGroupConsumer consumer, int count)
    {
        var records = new List<BrokerRecord>();
        while (records.Count < count)
        {
            var batch = await Take(consumer);
            records.AddRange(batch.Records);
            await consumer.Commit(batch, CancellationToken.None);
        }

        return records;
    }

    /// <summary>Nothing comes, although there was time enough.</summary>
    protected static async Task ShouldGetNothing(IGroupConsumer consumer)
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
