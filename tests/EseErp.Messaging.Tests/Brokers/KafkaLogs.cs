namespace EseErp.Messaging.Tests;

/// <summary>What a service may rely on that publishes its event log to Kafka, where a position is noted after the acknowledgement.</summary>
public abstract class KafkaLogs(KafkaEngine engine) : BrokerLogs(engine)
{
    /// <summary>Kafka cannot refuse a record of a publisher that has been replaced. It moves no position, and finds out soon.</summary>
    [Fact]
    public override async Task Should_refuse_a_publisher_whose_log_another_one_publishes_now_and_write_nothing_of_it()
    {
        var (broker, topic) = await NewTopic();
        var log = new Log();
        await using var stale = await broker.OpenPublisher(topic, log, CancellationToken.None);
        await stale.Publish(log.Append(10, topic), CancellationToken.None);
        await Noted(log, 10);
        await using var current = await (await Engine.Connect()).OpenPublisher(topic, log, CancellationToken.None);
        await current.Publish(log.Append(10, topic), CancellationToken.None);
        await Noted(log, 20);

        await stale.Publish([.. log.From(10, topic).Take(5)], CancellationToken.None);

        await Eventually.Within(
            Limit, () => Should.ThrowAsync<PublisherReplacedException>(() => stale.Publish([], CancellationToken.None)), "it to find out");
        await Should.ThrowAsync<PublisherReplacedException>(() => stale.Publish([.. log.From(15, topic)], CancellationToken.None));
        log.Published.ShouldBe(20);
        await current.Publish(log.Append(10, topic), CancellationToken.None);
        await Noted(log, 30);
        await using var consumer = await Join(broker, NewGroup(), topic);
        var records = await TakeAll(consumer, 35);
        ShouldBeInOrder(records.DistinctBy(NumberOf));
        records.Select(NumberOf).Order().ShouldBe([.. Enumerable.Range(1, 10), .. Enumerable.Range(11, 5).SelectMany(number => new[] { number, number }), .. Enumerable.Range(16, 15)]);
    }

    [Fact]
    public async Task Should_publish_again_in_order_what_was_acknowledged_and_not_noted_when_the_process_was_killed()
    {
        var (broker, topic) = await NewTopic();
        var (log, doomed) = (new Log(), await Engine.Connect());
        var killed = await doomed.OpenPublisher(topic, new Unnoted(log), CancellationToken.None);
        await killed.Publish(log.Append(20, topic), CancellationToken.None);
        await Eventually.Within(Limit, () => Task.FromResult(killed.Acknowledged), position => position == 20, "all to be acknowledged");

        await Engine.Kill(doomed);
        await using var next = await broker.OpenPublisher(topic, log, CancellationToken.None);

        next.Acknowledged.ShouldBe(0);
        await next.Publish([.. log.From(0, topic)], CancellationToken.None);
        await Noted(log, 20);
        await using var consumer = await Join(broker, NewGroup(), topic);
        var records = await TakeAll(consumer, 40);
        ShouldBeInOrder(records.DistinctBy(NumberOf));
        records.Select(NumberOf).Distinct().Order().ShouldBe(Enumerable.Range(1, 20));
        await killed.DisposeAsync();
    }

    [Fact]
    public async Task Should_note_later_what_could_not_be_noted_and_go_on_publishing_meanwhile()
    {
        var (broker, topic) = await NewTopic();
        var log = new Log();
        var unnoted = new Unnoted(log);
        await using var publisher = await broker.OpenPublisher(topic, unnoted, CancellationToken.None);

        await publisher.Publish(log.Append(20, topic), CancellationToken.None);
        await Eventually.Within(Limit, () => Task.FromResult(unnoted.Refused >= 2), "two vain tries to note it");
        await publisher.Publish(log.Append(20, topic), CancellationToken.None);
        await Eventually.Within(Limit, () => Task.FromResult(publisher.Acknowledged), position => position == 40, "all to be acknowledged");
        log.Published.ShouldBe(0);
        unnoted.IsBack = true;

        await Noted(log, 40);
        await publisher.Publish([], CancellationToken.None);
    }

    [Fact]
    public async Task Should_say_at_the_next_publish_that_the_producer_has_failed()
    {
        var (broker, topic) = await NewTopic();
        var (log, doomed) = (new Log(), await Engine.Connect());
        var publisher = await doomed.OpenPublisher(topic, log, CancellationToken.None);
        await publisher.Publish(log.Append(5, topic), CancellationToken.None);
        await Noted(log, 5);

        // Its producer ends with what it has queued.
        await Engine.Kill(doomed);
        await Should.ThrowAsync<Exception>(() => publisher.Publish(log.Append(5, topic), CancellationToken.None));

        publisher.Acknowledged.ShouldBe(5);
        await publisher.DisposeAsync();
        log.Published.ShouldBe(5);
        (await broker.Ends([topic], CancellationToken.None)).Sum(end => end.Next).ShouldBe(5);
    }

    internal static Task Noted(Log log, long position) =>
        Eventually.Within(Limit, () => Task.FromResult(log.Published), published => published == position, $"{position} to be noted");

    /// <summary>A log whose database is away whenever something is to be noted.</summary>
    private sealed class Unnoted(Log log) : IPublishedPosition
    {
        private int _refused;

        public int Refused => Volatile.Read(ref _refused);

        public bool IsBack { get; set; }

        public Task<long> Read(CancellationToken cancellationToken) => log.Read(cancellationToken);

        public Task Move(long from, long to, CancellationToken cancellationToken)
        {
            if (IsBack) return log.Move(from, to, cancellationToken);
            Interlocked.Increment(ref _refused);
            throw new TimeoutException("The database is away.");
        }

        public Task<bool> Holds(long position, Guid eventId, CancellationToken cancellationToken) => log.Holds(position, eventId, cancellationToken);
    }
}

/// <summary>A partition whose leader is away, and nobody takes over. The real cluster of these tests has one broker, which leads them all.</summary>
public sealed class MockKafkaLeaderTests(MockKafkaEngine engine) : BrokerConformance(engine), IClassFixture<MockKafkaEngine>
{
    // As the engine says.
    private const int MostWaiting = 10_000;

    [Fact]
    public async Task Should_hold_up_only_the_records_of_a_partition_without_a_leader_until_too_many_wait()
    {
        const int partitions = 4;
        var (broker, topic) = await NewTopic(partitions);
        var log = new KafkaLogs.Log();
        var lost = Partitioner.PartitionOf("RMA-1", partitions);
        foreach (var partition in Enumerable.Range(0, partitions)) engine.Lead(topic, partition, broker: partition == lost ? 3 : 1);
        await using var publisher = await broker.OpenPublisher(topic, log, CancellationToken.None);
        var sent = log.Append(100, topic);
        await publisher.Publish(sent, CancellationToken.None);
        await KafkaLogs.Noted(log, 100);

        engine.TakeDown(broker: 3);
        await Send(100);

        // Whatever is led has its records; the position stays before the first that is missing.
        await Eventually.Within(Limit, Others, others => others == sent.Count(IsLed), "the other partitions' records");
        var missing = sent.Skip(100).First(record => !IsLed(record)).Position;
        await KafkaLogs.Noted(log, missing - 1);
        await Send(MostWaiting - 500);
        await Eventually.Within(Limit, Others, others => others == sent.Count(IsLed), "those that still fit");
        // The batch that reaches the limit is still taken, the next one waits.
        await Send(500);
        var waiting = publisher.Publish(log.Append(10, topic), CancellationToken.None);
        await Task.Delay(QuietTime);
        waiting.IsCompleted.ShouldBeFalse();
        log.Published.ShouldBe(missing - 1);

        engine.BringBack(broker: 3);

        await waiting.WaitAsync(Limit);
        await KafkaLogs.Noted(log, sent.Count + 10);
        (await broker.Ends([topic], CancellationToken.None)).Sum(end => end.Next).ShouldBe(sent.Count + 10);
        await using var consumer = await Join(broker, NewGroup(), topic);
        ShouldBeInOrder(await TakeAll(consumer, sent.Count + 10));

        bool IsLed(LoggedRecord record) => Partitioner.PartitionOf(record.Key, partitions) != lost;

        async Task<long> Others() => (await broker.Ends([topic], CancellationToken.None)).Where(end => end.Partition != lost).Sum(end => end.Next);

        async Task Send(int count)
        {
            for (; count > 0; count -= 100)
            {
                var some = log.Append(100, topic);
                sent.AddRange(some);
                await publisher.Publish(some, CancellationToken.None).WaitAsync(Limit);
            }
        }
    }
}
