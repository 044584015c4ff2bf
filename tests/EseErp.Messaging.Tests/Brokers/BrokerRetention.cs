namespace EseErp.Messaging.Tests;

/// <summary>What a group may rely on when old records are gone.</summary>
public abstract class BrokerRetention(IBrokerEngine engine) : BrokerConformance(engine)
{
    /// <summary>Lets go of every record the topic holds now, as its retention will in time.</summary>
    protected abstract Task Forget(string topic);

    [Fact]
    public async Task Should_start_a_new_group_at_the_oldest_record_that_is_left()
    {
        var (broker, topic) = await NewTopic();
        var group = NewGroup();
        await Publish(broker, topic, Enumerable.Range(0, 40));
        await Forget(topic);
        await Publish(broker, topic, Enumerable.Range(40, 40));

        (await Lag(broker, group, topic)).ShouldBe(40);
        (await Positions(broker, group, topic)).Sum(position => position.Position).ShouldBe(40);
        await using var consumer = await Join(broker, group, topic);
        (await TakeAll(consumer, 40)).Select(NumberOf).Order().ShouldBe(Enumerable.Range(40, 40));
        (await Lag(broker, group, topic)).ShouldBe(0);
        await ShouldGetNothing(consumer);
    }

    [Fact]
    public async Task Should_go_on_at_the_oldest_record_with_a_group_that_has_not_read_what_is_gone()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        var group = NewGroup();
        await Publish(broker, topic, Enumerable.Range(0, 40));
        await using (var consumer = await Join(broker, group, topic, batchSize: 10)) await TakeAll(consumer, 10);
        await Forget(topic);
        await Publish(broker, topic, Enumerable.Range(40, 10));

        var position = (await Positions(broker, group, topic)).Single();

        (position.Position, position.End, position.Lag).ShouldBe((40, 50L, 10L));
        await using var again = await Join(broker, group, topic);
        (await TakeAll(again, 10)).Select(NumberOf).ShouldBe(Enumerable.Range(40, 10));
    }

    [Fact]
    public async Task Should_send_a_group_back_no_further_than_to_the_oldest_record()
    {
        var (broker, topic) = await NewTopic();
        var group = NewGroup();
        await Publish(broker, topic, Enumerable.Range(0, 40));
        await using (var consumer = await Join(broker, group, topic)) await TakeAll(consumer, 40);
        await Forget(topic);
        await Publish(broker, topic, Enumerable.Range(40, 20));
        await using (var consumer = await Join(broker, group, topic)) await TakeAll(consumer, 20);

        Store(group).SendToBeginning();

        (await Lag(broker, group, topic)).ShouldBe(20);
        await using var again = await Join(broker, group, topic);
        (await TakeAll(again, 20)).Select(NumberOf).Order().ShouldBe(Enumerable.Range(40, 20));
        (await Lag(broker, group, topic)).ShouldBe(0);
    }

    [Fact]
    public async Task Should_have_nothing_to_read_when_everything_is_gone()
    {
        var (broker, topic) = await NewTopic();
        var group = NewGroup();
        await Publish(broker, topic, Enumerable.Range(0, 40));

        await Forget(topic);

        (await Lag(broker, group, topic)).ShouldBe(0);
        await using var consumer = await Join(broker, group, topic);
        await ShouldGetNothing(consumer);
    }

    [Fact]
    public async Task Should_tell_whether_it_holds_records_from_before_a_time()
    {
        var (broker, topic) = await NewTopic();
        var other = await NewTopic(broker);
        await Publish(broker, topic, Enumerable.Range(0, 10));
        var (earlier, later) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

        (await broker.HoldsRecordsBefore(earlier, [topic, other], CancellationToken.None)).ShouldBeFalse();
        (await broker.HoldsRecordsBefore(later, [topic, other], CancellationToken.None)).ShouldBeTrue();
        (await broker.HoldsRecordsBefore(later, [other], CancellationToken.None)).ShouldBeFalse();
        await Forget(topic);
        (await broker.HoldsRecordsBefore(later, [topic, other], CancellationToken.None)).ShouldBeFalse();
    }
}
