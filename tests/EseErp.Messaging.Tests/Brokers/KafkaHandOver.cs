namespace EseErp.Messaging.Tests;

/// <summary>A partition goes to another member while its batch is under way.</summary>
public abstract class KafkaHandOver(KafkaEngine engine) : BrokerConformance(engine)
{
    [Fact]
    public async Task Should_not_move_a_group_back_when_a_member_that_lost_a_partition_commits_late()
    {
        var (broker, topic) = await NewTopic(partitions: 2);
        var group = NewGroup();
        await Publish(broker, topic, Enumerable.Range(0, 40));
        await using var stale = await Join(broker, group, topic, batchSize: 10);
        var late = await TakeBothLanes(stale);
        await Publish(broker, topic, Enumerable.Range(40, 40));
        // The first member is busy beyond what a partition waits for, and loses one with its batch under way.
        var journal = new Journal();
        await using var heir = await Member.Join(await Engine.Connect(), group, [topic], journal, "heir");
        await Eventually.Within(Limit, async () => (await Positions()).Any(position => position.Lag == 0), "the heir to finish its partition");
        var finished = (await Positions()).Single(position => position.Lag == 0);

        await stale.Commit(late, CancellationToken.None);

        (await Positions()).Single(position => position.Partition == finished.Partition).Position.ShouldBe(finished.End);

        Task<IReadOnlyList<GroupPosition>> Positions() => broker.Positions(group, [topic], CancellationToken.None);
    }

    [Fact]
    public async Task Should_hold_back_what_workers_cannot_take_and_hand_it_out_later()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        await Publish(broker, topic, Enumerable.Range(0, 3000));
        await using var consumer = await Join(broker, NewGroup(), topic, batchSize: 10);

        (await TakeAll(consumer, 3000)).Select(NumberOf).Order().ShouldBe(Enumerable.Range(0, 3000));
    }

    protected static async Task<RecordBatch> TakeBothLanes(IGroupConsumer consumer)
    {
        while (true)
        {
            var batch = await Take(consumer);
            if (batch.Lanes.Count == 2) return batch;
            consumer.Release(batch, TimeSpan.Zero);
        }
    }
}

public sealed class MockKafkaHandOverTests(MockKafkaEngine engine) : KafkaHandOver(engine), IClassFixture<MockKafkaEngine>;
