namespace EseErp.Messaging.Tests;

/// <summary>A group that is sent back to the beginning, for a replay.</summary>
public abstract class BrokerSeek(IBrokerEngine engine) : BrokerConformance(engine)
{
    [Fact]
    public async Task Should_read_from_the_beginning_again_when_sent_there()
    {
        var (broker, topic) = await NewTopic();
        await Publish(broker, topic, Enumerable.Range(0, 100));
        var (group, other) = (NewGroup(), NewGroup());
        await using (var consumer = await Join(broker, group, topic)) await TakeAll(consumer, 100);
        await using (var consumer = await Join(broker, other, topic)) await TakeAll(consumer, 100);

        Store(group).SendToBeginning();

        (await Lag(broker, group, topic)).ShouldBe(100);
        (await Lag(broker, other, topic)).ShouldBe(0);
        await using var again = await Join(broker, group, topic);
        (await TakeAll(again, 100)).Select(NumberOf).Order().ShouldBe(Enumerable.Range(0, 100));
        (await Lag(broker, group, topic)).ShouldBe(0);
    }

    [Fact]
    public virtual async Task Should_tell_whether_a_group_has_a_member()
    {
        var (broker, topic) = await NewTopic();
        await Publish(broker, topic, Enumerable.Range(0, 10));
        var (group, other) = (NewGroup(), NewGroup());
        (await broker.HasMembers(group, CancellationToken.None)).ShouldBeFalse();
        await using (var consumer = await Join(await Engine.Connect(), group, topic))
        {
            await TakeAll(consumer, 10);
            (await broker.HasMembers(group, CancellationToken.None)).ShouldBeTrue();
            (await broker.HasMembers(other, CancellationToken.None)).ShouldBeFalse();
        }

        await Eventually.Within(Limit, async () => !await broker.HasMembers(group, CancellationToken.None), "the group to be empty");
    }

    [Fact]
    public async Task Should_refuse_the_batch_of_a_member_whose_group_was_sent_back_and_go_on_from_there()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        await Publish(broker, topic, Enumerable.Range(0, 20));
        var group = NewGroup();
        await using var consumer = await Join(broker, group, topic, batchSize: 10);
        consumer.Commit(await Take(consumer, 10));
        var inHand = await Take(consumer, 10);

        Store(group).SendToBeginning();

        Should.Throw<OffsetsElsewhereException>(() => consumer.Commit(inHand));
        (await TakeAll(consumer, 20)).Select(NumberOf).ShouldBe(Enumerable.Range(0, 20));
        (await Lag(broker, group, topic)).ShouldBe(0);
    }
}
