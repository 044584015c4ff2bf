namespace EseErp.Messaging.Tests;

/// <summary>Sending a group back to the beginning, for a replay.</summary>
public abstract class BrokerSeek(IBrokerEngine engine) : BrokerConformance(engine)
{
    [Fact]
    public async Task Should_read_from_the_beginning_again_after_seeking_there()
    {
        var (broker, topic) = await NewTopic();
        await Publish(broker, topic, Enumerable.Range(0, 100));
        var (group, other) = (NewGroup(), NewGroup());
        await using (var consumer = await Join(broker, group, topic)) await TakeAll(consumer, 100);
        await using (var consumer = await Join(broker, other, topic)) await TakeAll(consumer, 100);

        await broker.SeekToBeginning(group, [topic], CancellationToken.None);

        (await broker.Positions(group, [topic], CancellationToken.None)).Sum(position => position.Lag).ShouldBe(100);
        (await broker.Positions(other, [topic], CancellationToken.None)).Sum(position => position.Lag).ShouldBe(0);
        await using var again = await Join(broker, group, topic);
        (await TakeAll(again, 100)).Select(NumberOf).Order().ShouldBe(Enumerable.Range(0, 100));
        (await broker.Positions(group, [topic], CancellationToken.None)).Sum(position => position.Lag).ShouldBe(0);
    }

    [Fact]
    public async Task Should_refuse_to_seek_while_a_member_is_there()
    {
        var (broker, topic) = await NewTopic();
        await Publish(broker, topic, Enumerable.Range(0, 10));
        var group = NewGroup();
        await using (var consumer = await Join(broker, group, topic))
        {
            await TakeAll(consumer, 10);
            await Should.ThrowAsync<GroupInUseException>(() => broker.SeekToBeginning(group, [topic], CancellationToken.None));
        }

        await broker.SeekToBeginning(group, [topic], CancellationToken.None);
    }
}
