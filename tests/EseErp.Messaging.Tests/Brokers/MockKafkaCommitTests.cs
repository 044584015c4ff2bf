namespace EseErp.Messaging.Tests;

/// <summary>What Kafka's tools are told of a group, whose offsets are elsewhere.</summary>
public abstract class KafkaCommits(KafkaEngine engine) : BrokerConformance(engine)
{
    [Fact]
    public async Task Should_tell_the_cluster_within_seconds_what_is_stored_and_nothing_beyond()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        await Publish(broker, topic, Enumerable.Range(0, 20));
        var group = NewGroup();
        await using var consumer = await Join(broker, group, topic, batchSize: 5);
        consumer.Commit(await Take(consumer, 5));
        // Passed over, and not stored yet.
        consumer.Member.Commit(await Take(consumer, 5), []);

        await Eventually.Within(Limit, () => engine.Told(group, topic, 0), told => told == 5, "what is stored to be told");
        await Task.Delay(QuietTime);
        (await engine.Told(group, topic, 0)).ShouldBe(5);

        var moves = consumer.Member.Unstored();
        Store(group).Move(moves);
        consumer.Member.Stored(moves, succeeded: true);
        await Eventually.Within(TimeSpan.FromSeconds(10), () => engine.Told(group, topic, 0), told => told == 10, "the rest to be told");
    }

    [Fact]
    public async Task Should_tell_the_cluster_how_far_the_group_is_when_the_member_leaves()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        await Publish(broker, topic, Enumerable.Range(0, 20));
        var group = NewGroup();
        await using (var consumer = await Join(broker, group, topic)) await TakeAll(consumer, 20);

        await Eventually.Within(Limit, () => engine.Told(group, topic, 0), told => told == 20, "it to be told");
    }

    [Fact]
    public async Task Should_begin_at_what_is_stored_whatever_the_cluster_was_told()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        await Publish(broker, topic, Enumerable.Range(0, 20));
        var group = NewGroup();
        await using (var consumer = await Join(broker, group, topic)) await TakeAll(consumer, 20);
        await Eventually.Within(Limit, () => engine.Told(group, topic, 0), told => told == 20, "it to be told");
        Store(group).SendToBeginning();

        await using var again = await Join(broker, group, topic);

        (await TakeAll(again, 20)).Select(NumberOf).ShouldBe(Enumerable.Range(0, 20));
    }
}

public sealed class RealKafkaCommitTests(RealKafkaEngine engine) : KafkaCommits(engine), IClassFixture<RealKafkaEngine>;

/// <summary>Besides, a cluster that does not answer a commit. Whoever commits next is kept waiting.</summary>
public sealed class MockKafkaCommitTests(MockKafkaEngine engine) : KafkaCommits(engine), IClassFixture<MockKafkaEngine>
{
    [Fact]
    public async Task Should_go_on_without_the_answer_to_a_commit_and_tell_the_cluster_later()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        await Publish(broker, topic, Enumerable.Range(0, 20));
        var group = NewGroup();
        await using var consumer = await Join(broker, group, topic, batchSize: 10);
        var batch = await Take(consumer, 10);
        engine.HoldCommitBack(TimeSpan.FromMinutes(10));

        // Nobody waits for what Kafka says to it.
        var clock = System.Diagnostics.Stopwatch.StartNew();
        consumer.Commit(batch);
        var rest = await TakeAll(consumer, 10);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));

        batch.Records.Concat(rest).Select(NumberOf).ShouldBe(Enumerable.Range(0, 20));
        (await Lag(broker, group, topic)).ShouldBe(0);
        await Eventually.Within(Limit, () => engine.Told(group, topic, 0), told => told == 20, "the cluster to be told");
        await Publish(broker, topic, Enumerable.Range(20, 10));
        (await TakeAll(consumer, 10)).Select(NumberOf).ShouldBe(Enumerable.Range(20, 10));
    }
}
