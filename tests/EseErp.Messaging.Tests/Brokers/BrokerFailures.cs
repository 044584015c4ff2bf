namespace EseErp.Messaging.Tests;

/// <summary>What holds when processes are killed and connections break.</summary>
public abstract class BrokerFailures(IBrokerEngine engine) : BrokerConformance(engine)
{
    [Fact]
    public async Task Should_give_a_killed_members_lanes_to_the_others_and_lose_nothing()
    {
        var (broker, topic) = await NewTopic(partitions: 6);
        var (group, journal) = (NewGroup(), new Journal());
        var doomed = await Engine.Connect();
        await using var killed = await Work(doomed, group, [topic], journal, "killed");
        await Publish(broker, topic, Enumerable.Range(0, 200));
        await Eventually.Within(Limit, () => Task.FromResult(journal.Entries.Count > 0), "the first member to work");
        await using var other = await Work(broker, group, [topic], journal, "other");

        await Engine.Kill(doomed);
        await Publish(broker, topic, Enumerable.Range(200, 800));

        await Eventually.Within(Limit, () => Task.FromResult(journal.Entries.Select(entry => NumberOf(entry.Record)).Distinct().Count()), n => n == 1000, "all records");
        await Eventually.Within(Limit, async () => await Lag(broker, group, topic) == 0, "everything to be committed");
    }

    [Fact]
    public async Task Should_hand_out_again_what_a_killed_member_had_in_hand()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        var group = NewGroup();
        await Publish(broker, topic, Enumerable.Range(0, 10));
        var doomed = await Engine.Connect();
        await using var killed = await Join(doomed, group, topic);
        var inHand = await Take(killed, 10);

        await Engine.Kill(doomed);

        await using var heir = await Join(broker, group, topic);
        (await Take(heir, 10)).Records.Select(NumberOf).ShouldBe(inHand.Records.Select(NumberOf));
    }

    [Fact]
    public async Task Should_go_on_after_its_connections_broke_and_lose_nothing()
    {
        var (broker, topic) = await NewTopic();
        var (group, journal) = (NewGroup(), new Journal());
        var unlucky = await Engine.Connect();
        await using var member = await Work(unlucky, group, [topic], journal, "member");

        for (var round = 0; round < 3; round++)
        {
            await Publish(broker, topic, Enumerable.Range(round * 200, 200));
            await Engine.Disconnect(unlucky);
        }

        await Eventually.Within(Limit, () => Task.FromResult(journal.Entries.Select(entry => NumberOf(entry.Record)).Distinct().Count()), n => n == 600, "all records");
        ShouldBeInOrder(journal.Entries.Select(entry => entry.Record).DistinctBy(record => (record.Partition, record.Offset)));
        journal.Collisions.ShouldBeEmpty();
    }

    [Fact]
    public async Task Should_not_hand_a_lane_to_two_workers_when_it_was_lost_and_won_back()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        var group = NewGroup();
        var unlucky = await Engine.Connect();
        await using var consumer = await Join(unlucky, group, topic, workers: 2, batchSize: 10);
        await Publish(broker, topic, Enumerable.Range(0, 20));
        var first = await Take(consumer, 10);

        await Engine.Disconnect(unlucky);

        // The other worker waits for the first one's batch, and then gets the next.
        await ShouldGetNothing(consumer);
        consumer.Commit(first);
        (await Take(consumer, 10)).Records.Select(NumberOf).ShouldBe(Enumerable.Range(10, 10));
    }

    [Fact]
    public async Task Should_publish_again_after_its_connections_broke()
    {
        var (broker, topic) = await NewTopic();
        await Publish(broker, topic, [1]);
        await Engine.Disconnect(broker);

        // The first attempt may fail, and then nothing of it was published.
        await Eventually.Within(Limit, () => Publish(broker, topic, [2]), "publishing to work again");

        await using var consumer = await Join(broker, NewGroup(), topic);
        (await TakeAll(consumer, 2)).Select(NumberOf).Order().ShouldBe([1, 2]);
    }
}
