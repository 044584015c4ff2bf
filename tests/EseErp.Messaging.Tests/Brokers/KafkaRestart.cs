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

    /// <summary>
    /// A session of six seconds, and as much again for joining on a machine that is busy with other things: a session of the client's own
    /// default, 45 s, would not do. Quiet machines take less than ten.
    /// </summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    // Long enough for every pause between a client's tries to have grown to its longest.
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task Should_consume_again_soon_after_the_brokers_are_back(int secondsAway)
    {
        // Services run with the settings as they are, not with the shorter times of the other tests.
        await using var publisher = kafka.ConnectAsServicesDo();
        var topics = new[] { (await NewTopic()).Topic, (await NewTopic()).Topic };
        var members = new List<(KafkaBroker Broker, Member Member, Journal Journal)>();
        foreach (var number in Enumerable.Range(0, Groups))
        {
            var (broker, journal) = (kafka.ConnectAsServicesDo(), new Journal(lanesTogether: false));
            members.Add((broker, await Work(broker, NewGroup(), topics, journal, $"member {number}"), journal));
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
        await using var member = await Work(broker, group, [topic], new Journal(), "member");
        await Eventually.Within(Limit, async () => await Lag(broker, group, topic) == 0, "everything to be committed");
        var before = await broker.Ends([topic], CancellationToken.None);
        before.Sum(end => end.Next).ShouldBe(100);
        await Server.TakeDown();
        try
        {
            for (var time = 0; time < 3; time++)
            {
                var clock = Stopwatch.StartNew();
                var ends = await broker.Ends([topic], CancellationToken.None);

                clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
                ends.Select(end => (end.Partition, end.Oldest, end.Next)).ShouldBe(before.Select(end => (end.Partition, end.Oldest, end.Next)));
            }

            // Of what was never heard of nothing can be said.
            await using var stranger = kafka.ConnectAsServicesDo();
            var asked = Stopwatch.StartNew();
            (await stranger.Ends([topic], CancellationToken.None)).ShouldBeEmpty();
            asked.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        }
        finally
        {
            await Server.BringBack();
        }

        await Eventually.Within(Limit, () => Publish(broker, topic, [100]), "publishing again");
        await Eventually.Within(
            Soon, async () => (await broker.Ends([topic], CancellationToken.None)).Sum(end => end.Next) > 100, "the new end to be told");
    }

    [Fact]
    public async Task Should_end_its_clients_while_the_broker_is_away_and_does_not_know_how_far_the_group_is()
    {
        var broker = kafka.ConnectAsServicesDo();
        var (_, topic) = await NewTopic(partitions: 1);
        await Publish(broker, topic, Enumerable.Range(0, 100));
        var consumer = await Join(broker, NewGroup(), topic);
        var batch = await Take(consumer);
        await Server.TakeDown();
        try
        {
            consumer.Commit(batch);
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
    public async Task Should_publish_what_was_given_up_before_what_comes_later()
    {
        await using var broker = kafka.ConnectAsServicesDo();
        var (_, topic) = await NewTopic(partitions: 1);
        var log = new KafkaLogs.Log();
        await using (var publisher = await broker.OpenPublisher(topic, log, CancellationToken.None))
        {
            await publisher.Publish(log.Append(10, topic), CancellationToken.None);
            await Eventually.Within(Limit, () => Task.FromResult(publisher.Acknowledged), position => position == 10, "the first ones to be acknowledged");
            await Server.TakeDown();
            // They are taken, and wait in the producer's queue.
            await publisher.Publish(log.Append(10, topic), CancellationToken.None);
        }

        await using var second = await broker.OpenPublisher(topic, log, CancellationToken.None);
        second.Acknowledged.ShouldBe(10);
        await second.Publish([.. log.From(10, topic)], CancellationToken.None);
        await second.Publish(log.Append(10, topic), CancellationToken.None);
        second.Acknowledged.ShouldBe(10);
        await Server.BringBack();

        await Eventually.Within(Limit, () => Task.FromResult(second.Acknowledged), position => position == 30, "all to be acknowledged");
        await using var consumer = await Join(broker, NewGroup(), topic);
        (await TakeAll(consumer, 40)).Select(NumberOf).ShouldBe([.. Enumerable.Range(1, 20), .. Enumerable.Range(11, 20)]);
    }
}
