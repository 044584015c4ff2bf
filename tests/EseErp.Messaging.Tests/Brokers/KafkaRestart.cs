using System.Diagnostics;
using EseErp.Messaging.Kafka;

namespace EseErp.Messaging.Tests;

/// <summary>They measure time, so no other test runs meanwhile.</summary>
[CollectionDefinition(nameof(KafkaRestarts), DisableParallelization = true)]
public sealed class KafkaRestarts;

/// <summary>How soon everything goes on when a Kafka is back, and what is said meanwhile.</summary>
public abstract class KafkaRestart(IRestartableEngine engine, KafkaEngine kafka) : BrokerRestart(engine)
{
    private const int Groups = 3;

    /// <summary>Of the promise that groups consume again within ten seconds of the broker's being back.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    // Long enough for every pause between a client's tries to have grown to its longest.
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task Should_consume_again_within_ten_seconds_of_the_brokers_being_back(int secondsAway)
    {
        // Services run with the settings as they are, not with the shorter times of the other tests.
        await using var publisher = kafka.ConnectAsServicesDo();
        var topics = new[] { (await NewTopic()).Topic, (await NewTopic()).Topic };
        var members = new List<(KafkaBroker Broker, Member Member, Journal Journal)>();
        foreach (var number in Enumerable.Range(0, Groups))
        {
            var (broker, journal) = (kafka.ConnectAsServicesDo(), new Journal(lanesTogether: false));
            members.Add((broker, await Member.Join(broker, NewGroup(), topics, journal, $"member {number}"), journal));
        }

        using var stop = new CancellationTokenSource();
        var publishing = topics.Select(topic => Task.Run(() => PublishUntil(publisher, topic, stop.Token))).ToList();
        await Eventually.Within(Limit, () => Task.FromResult(members.All(member => member.Journal.Entries.Count > 50)), "the first records");

        await Server.TakeDown();
        await Task.Delay(TimeSpan.FromSeconds(secondsAway));
        var before = members.ConvertAll(member => member.Journal.Entries.Count);
        await Server.BringBack();
        var clock = Stopwatch.StartNew();
        // Well beyond what may have been fetched and not handed out before.
        await Eventually.Within(Soon, () => Task.FromResult(members.Zip(before).All(pair => pair.First.Journal.Entries.Count > pair.Second + 100)), "every group to consume again");
        Console.WriteLine($"{GetType().Name}, away for {secondsAway} s: every group consumed again after {clock.Elapsed.TotalSeconds:F1} s");

        await stop.CancelAsync();
        await Task.WhenAll(publishing);
        foreach (var (broker, member, _) in members)
        {
            await member.DisposeAsync();
            await broker.DisposeAsync();
        }
    }

    [Fact]
    public async Task Should_say_within_two_seconds_what_was_heard_last_while_the_broker_is_away()
    {
        await using var broker = kafka.ConnectAsServicesDo();
        var (_, topic) = await NewTopic(partitions: 12);
        var group = NewGroup();
        await Publish(broker, topic, Enumerable.Range(0, 100));
        await using var member = await Member.Join(broker, group, [topic], new Journal(), "member");
        await Eventually.Within(Limit, async () => (await broker.Positions(group, [topic], CancellationToken.None)).Sum(position => position.Lag) == 0, "everything to be committed");
        var before = await broker.Positions(group, [topic], CancellationToken.None);
        await Server.TakeDown();
        try
        {
            for (var time = 0; time < 3; time++)
            {
                var clock = Stopwatch.StartNew();
                var positions = await broker.Positions(group, [topic], CancellationToken.None);

                clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
                positions.Select(position => (position.Partition, position.Position, position.End)).ShouldBe(before.Select(position => (position.Partition, position.Position, position.End)));
            }

            // Of what was never heard of nothing can be said.
            await using var stranger = kafka.ConnectAsServicesDo();
            var asked = Stopwatch.StartNew();
            await Should.ThrowAsync<Exception>(() => stranger.Positions(group, [topic], CancellationToken.None));
            asked.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        }
        finally
        {
            await Server.BringBack();
        }

        await Eventually.Within(Limit, () => Publish(broker, topic, [100]), "publishing again");
        await Eventually.Within(
            Soon, async () => (await broker.Positions(group, [topic], CancellationToken.None)).Sum(position => position.End) > 100, "the new end to be told");
    }

    [Fact]
    public async Task Should_end_its_clients_while_the_broker_is_away_and_a_commit_waits()
    {
        var broker = kafka.ConnectAsServicesDo();
        var (_, topic) = await NewTopic(partitions: 1);
        await Publish(broker, topic, Enumerable.Range(0, 100));
        var consumer = await Join(broker, NewGroup(), topic);
        var batch = await Take(consumer);
        await Server.TakeDown();
        try
        {
            await Should.ThrowAsync<Exception>(() => consumer.Commit(batch, CancellationToken.None));
            var clock = Stopwatch.StartNew();
            await consumer.DisposeAsync();
            await broker.DisposeAsync();
            clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
        }
        finally
        {
            await Server.BringBack();
        }
    }

    [Fact]
    public async Task Should_publish_a_batch_that_was_given_up_before_what_comes_later()
    {
        await using var broker = kafka.ConnectAsServicesDo();
        var (_, topic) = await NewTopic(partitions: 1);
        using var publisher = kafka.PublisherAsServicesHave();
        await Send(0, 10, Limit);
        await Server.TakeDown();
        try
        {
            await Should.ThrowAsync<TimeoutException>(() => Send(10, 10, TimeSpan.FromSeconds(1)));
            await Should.ThrowAsync<TimeoutException>(() => Send(10, 20, TimeSpan.FromSeconds(1)));
        }
        finally
        {
            await Server.BringBack();
        }

        await Send(10, 30, Limit);

        await using var consumer = await Join(broker, NewGroup(), topic);
        var numbers = (await TakeAll(consumer, 50)).Select(NumberOf).ToList();
        numbers.Distinct().ShouldBe(Enumerable.Range(0, 40));
        // Queued once, however often it was tried.
        numbers.ShouldBe([.. Enumerable.Range(0, 20), .. Enumerable.Range(10, 30)]);

        Task Send(int first, int count, TimeSpan limit) => publisher.Publish(
            topic, Enumerable.Range(first, count).Select(number => Record(number)).ToList(), partitions: 1, limit, CancellationToken.None);
    }
}
