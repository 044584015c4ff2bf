using System.Globalization;
using System.Text;

namespace EseErp.Messaging.Tests;

/// <summary>What a service may rely on that publishes its event log.</summary>
public abstract class BrokerLogs(IBrokerEngine engine) : BrokerConformance(engine)
{
    [Fact]
    public async Task Should_publish_a_log_in_order_to_its_topics_and_acknowledge_it()
    {
        var (broker, topic) = await NewTopic();
        var other = await NewTopic(broker);
        var log = new Log();
        await using var publisher = await broker.OpenPublisher(topic, log, CancellationToken.None);
        publisher.Acknowledged.ShouldBe(0);

        for (var first = 1; first <= 100; first += 10)
            await publisher.Publish(log.Append(10, topic).Select((record, index) => index % 2 == 0 ? record with { Topic = other } : record).ToList(), CancellationToken.None);

        await Acknowledged(publisher, 100);
        await Eventually.Within(Limit, () => Task.FromResult(log.Published), position => position == 100, "that to be noted in the log's own database");
        await using var consumer = await Join(broker, NewGroup(), [topic, other]);
        var records = await TakeAll(consumer, 100);
        ShouldBeInOrder(records);
        records.Where(record => record.Topic == topic).Select(NumberOf).Order().ShouldBe(Enumerable.Range(1, 50).Select(number => number * 2));
        records.Where(record => record.Topic == other).Select(NumberOf).Order().ShouldBe(Enumerable.Range(0, 50).Select(number => (number * 2) + 1));
    }

    [Fact]
    public async Task Should_go_on_behind_what_is_acknowledged_whoever_opens_the_log()
    {
        var (broker, topic) = await NewTopic();
        var log = new Log();
        await using (var publisher = await broker.OpenPublisher(topic, log, CancellationToken.None))
        {
            await publisher.Publish(log.Append(30, topic), CancellationToken.None);
            await Acknowledged(publisher, 30);
        }

        await using var next = await (await Engine.Connect()).OpenPublisher(topic, log, CancellationToken.None);

        next.Acknowledged.ShouldBe(30);
        await next.Publish(log.Append(10, topic), CancellationToken.None);
        await Acknowledged(next, 40);
        (await broker.Ends([topic], CancellationToken.None)).Sum(end => end.Next).ShouldBe(40);
    }

    [Fact]
    public virtual async Task Should_refuse_a_publisher_whose_log_another_one_publishes_now_and_write_nothing_of_it()
    {
        var (broker, topic) = await NewTopic();
        var log = new Log();
        await using var stale = await broker.OpenPublisher(topic, log, CancellationToken.None);
        await stale.Publish(log.Append(10, topic), CancellationToken.None);
        await Acknowledged(stale, 10);
        await using var current = await (await Engine.Connect()).OpenPublisher(topic, log, CancellationToken.None);
        var records = log.Append(10, topic);
        await current.Publish(records, CancellationToken.None);
        await Acknowledged(current, 20);

        await Should.ThrowAsync<PublisherReplacedException>(() => stale.Publish(records, CancellationToken.None));
        await Should.ThrowAsync<PublisherReplacedException>(() => stale.Publish(log.Append(10, topic), CancellationToken.None));

        (await broker.Ends([topic], CancellationToken.None)).Sum(end => end.Next).ShouldBe(20);
        await using var consumer = await Join(broker, NewGroup(), topic);
        (await TakeAll(consumer, 20)).Select(NumberOf).Order().ShouldBe(Enumerable.Range(1, 20));
    }

    [Fact]
    public async Task Should_go_back_to_what_a_log_has_noted_that_was_restored_from_an_older_copy()
    {
        var (broker, topic) = await NewTopic();
        var log = new Log();
        await using (var publisher = await broker.OpenPublisher(topic, log, CancellationToken.None))
        {
            await publisher.Publish(log.Append(30, topic), CancellationToken.None);
            await Acknowledged(publisher, 30);
        }

        // It ended at 20, and 15 was noted; since then it got others.
        log.Restore(events: 20, published: 15);
        var others = log.Append(10, topic);
        await using var again = await (await Engine.Connect()).OpenPublisher(topic, log, CancellationToken.None);

        again.Acknowledged.ShouldBe(15);
        await again.Publish([.. log.From(15, topic)], CancellationToken.None);
        await Acknowledged(again, others[^1].Position);
        (await broker.Ends([topic], CancellationToken.None)).Sum(end => end.Next).ShouldBe(45);
    }

    [Fact]
    public async Task Should_publish_nothing_of_a_batch_with_a_message_over_the_limit()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        var log = new Log();
        await using var publisher = await broker.OpenPublisher(topic, log, CancellationToken.None);
        var records = log.Append(2, topic);

        await Should.ThrowAsync<MessageTooLargeException>(() => publisher.Publish(
            [records[0], records[1] with { Value = new byte[BrokerLimits.MostValueBytes + 1] }], CancellationToken.None));

        (await broker.Ends([topic], CancellationToken.None)).Single().Next.ShouldBe(0);
    }

    private static Task<long> Acknowledged(ILogPublisher publisher, long position) =>
        Eventually.Within(Limit, () => Task.FromResult(publisher.Acknowledged), acknowledged => acknowledged == position, $"{position} to be acknowledged");

    /// <summary>An event log in memory, of events whose text is their position.</summary>
    public sealed class Log : IPublishedPosition
    {
        private readonly Lock _lock = new();
        private readonly List<Guid> _events = [];
        private long _published;

        /// <summary>What is noted.</summary>
        public long Published => Interlocked.Read(ref _published);

        public List<LoggedRecord> Append(int count, string topic)
        {
            lock (_lock)
            {
                var from = _events.Count;
                for (var number = 0; number < count; number++) _events.Add(Guid.NewGuid());
                return [.. From(from, topic)];
            }
        }

        /// <summary>Events behind a position.</summary>
        public IEnumerable<LoggedRecord> From(int position, string topic)
        {
            lock (_lock)
                return Enumerable.Range(position + 1, _events.Count - position)
                    .Select(next => new LoggedRecord(next, _events[next - 1], topic, $"RMA-{next % 7}", Encoding.ASCII.GetBytes(next.ToString(CultureInfo.InvariantCulture))))
                    .ToList();
        }

        /// <summary>Becomes as it was.</summary>
        public void Restore(int events, long published)
        {
            lock (_lock) _events.RemoveRange(events, _events.Count - events);
            Interlocked.Exchange(ref _published, published);
        }

        public Task<long> Read(CancellationToken cancellationToken) => Task.FromResult(Published);

        public Task Move(long from, long to, CancellationToken cancellationToken) => Interlocked.CompareExchange(ref _published, to, from) == from
            ? Task.CompletedTask
            : throw new PublisherReplacedException("the log");

        public Task<bool> Holds(long position, Guid eventId, CancellationToken cancellationToken)
        {
            lock (_lock) return Task.FromResult(position <= _events.Count && _events[(int)position - 1] == eventId);
        }
    }
}
