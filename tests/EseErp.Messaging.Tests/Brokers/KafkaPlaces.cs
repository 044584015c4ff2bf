namespace EseErp.Messaging.Tests;

/// <summary>A member of a group on Kafka begins where the group is, also when that could not be looked up at first.</summary>
public abstract class KafkaPlaces(KafkaEngine engine) : BrokerConformance(engine)
{
    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task Should_go_on_where_the_group_is_when_the_store_was_away_as_it_joined(int done)
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        await Publish(broker, topic, Enumerable.Range(0, 20));
        var group = NewGroup();
        if (done > 0)
            await using (var before = await Join(broker, group, topic, batchSize: done)) before.Commit(await Take(before, done));
        Store(group).FailReads(2);

        await using var consumer = await Join(broker, group, topic);

        (await TakeAll(consumer, 20 - done)).Select(NumberOf).ShouldBe(Enumerable.Range(done, 20 - done));
        await Publish(broker, topic, Enumerable.Range(20, 10));
        (await TakeAll(consumer, 10)).Select(NumberOf).ShouldBe(Enumerable.Range(20, 10));
    }
}

public sealed class RealKafkaPlaceTests(RealKafkaEngine engine) : KafkaPlaces(engine), IClassFixture<RealKafkaEngine>;

public sealed class MockKafkaPlaceTests(MockKafkaEngine engine) : KafkaPlaces(engine), IClassFixture<MockKafkaEngine>
{
    /// <summary>
    /// librdkafka asks again where a partition ends or begins when the answer comes after a seek, and then reads on from there.
    /// </summary>
    [Fact]
    public async Task Should_skip_nothing_when_the_cluster_answers_after_the_store()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        await Publish(broker, topic, Enumerable.Range(0, 20));
        var group = NewGroup();
        await using (var before = await Join(broker, group, topic, batchSize: 10)) before.Commit(await Take(before, 10));
        Store(group).FailReads(1);
        engine.HoldEndsBack(TimeSpan.FromSeconds(2));

        await using var consumer = await Join(await Engine.Connect(), group, topic);

        (await TakeAll(consumer, 10)).Select(NumberOf).ShouldBe(Enumerable.Range(10, 10));
        await Publish(broker, topic, Enumerable.Range(20, 10));
        (await TakeAll(consumer, 10)).Select(NumberOf).ShouldBe(Enumerable.Range(20, 10));
    }
}
