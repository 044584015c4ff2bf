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
        await using var heir = await Work(await Engine.Connect(), group, [topic], journal, "heir");
        await Eventually.Within(Limit, async () => (await Positions(broker, group, topic)).Any(position => position.Lag == 0), "the heir to finish its partition");
        var finished = (await Positions(broker, group, topic)).Single(position => position.Lag == 0);

        // Not even what was only of the partition it still has: a batch is stored as a whole.
        Should.Throw<OffsetsElsewhereException>(() => stale.Commit(late));

        (await Positions(broker, group, topic)).Single(position => position.Partition == finished.Partition).Position.ShouldBe(finished.End!.Value);
    }

    [Fact]
    public async Task Should_hold_back_what_workers_cannot_take_and_hand_it_out_later()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        await Publish(broker, topic, Enumerable.Range(0, 3000));
        await using var consumer = await Join(broker, NewGroup(), topic, batchSize: 10);

        (await TakeAll(consumer, 3000)).Select(NumberOf).Order().ShouldBe(Enumerable.Range(0, 3000));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Should_begin_at_the_stored_place_when_the_store_was_away_while_it_joined(bool silent)
    {
        var (broker, topic) = await NewTopic(partitions: 2);
        var group = NewGroup();
        await Publish(broker, topic, Enumerable.Range(0, 40));
        await using (var before = await Join(broker, group, topic)) await TakeAll(before, 40);
        await Publish(broker, topic, Enumerable.Range(40, 40));
        var away = new AwayOffsets(Store(group), times: 2, silent);

        await using var consumer = new StoringConsumer(await broker.Join(group, [topic], new ConsumeOptions { Workers = 1 }, away, CancellationToken.None), Store(group));

        (await TakeAll(consumer, 40)).Select(NumberOf).Order().ShouldBe(Enumerable.Range(40, 40));
        (await Lag(broker, group, topic)).ShouldBe(0);
        await ShouldGetNothing(consumer);
    }

    [Fact]
    public async Task Should_store_what_was_passed_over_when_asked_to_and_hand_out_nothing_of_it_meanwhile()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        var group = NewGroup();
        await Publish(broker, topic, Enumerable.Range(0, 20));
        await using (var consumer = await Join(broker, group, topic, batchSize: 10))
        {
            consumer.Member.Unstored().ShouldBeEmpty();
            consumer.Member.Commit(await Take(consumer, 10), []);
            (await Lag(broker, group, topic)).ShouldBe(20);

            var moves = consumer.Member.Unstored();
            moves.ShouldBe([new OffsetMove(topic, 0, 0, 10)]);
            await ShouldGetNothing(consumer);
            // Where the group is may be somewhere else now: it is looked up, and what was passed over comes again.
            consumer.Member.Stored(moves, succeeded: false);
            var again = await Take(consumer, 10);
            again.Records.Select(NumberOf).ShouldBe(Enumerable.Range(0, 10));
            consumer.Member.Commit(again, []);
            consumer.Member.Unstored().ShouldBe(moves);
            Store(group).Move(moves);
            consumer.Member.Stored(moves, succeeded: true);

            consumer.Member.Unstored().ShouldBeEmpty();
            consumer.Member.Places().ShouldBe([(topic, 0, 10L)]);
        }

        await using var heir = await Join(broker, group, topic);
        (await TakeAll(heir, 10)).Select(NumberOf).ShouldBe(Enumerable.Range(10, 10));
    }

    [Fact]
    public async Task Should_look_the_place_up_again_without_doing_twice_what_other_workers_have_in_hand()
    {
        var (broker, topic) = await NewTopic(partitions: 2);
        var group = NewGroup();
        await Publish(broker, topic, Enumerable.Range(0, 40));
        await using var consumer = await Join(broker, group, topic, workers: 2, batchSize: 5);
        var (one, other) = (await Take(consumer), await Take(consumer));
        // Somebody has applied the first one's records already.
        Store(group).Move(consumer.Member.Moves(one.Records));

        Should.Throw<OffsetsElsewhereException>(() => consumer.Commit(one));
        // Those of the other worker take a moment longer.
        await Task.Delay(500);
        consumer.Commit(other);

        var rest = await TakeAll(consumer, 40 - one.Records.Count - other.Records.Count);
        rest.Concat(one.Records).Concat(other.Records).Select(NumberOf).Order().ShouldBe(Enumerable.Range(0, 40));
        (await Lag(broker, group, topic)).ShouldBe(0);
    }

    protected static async Task<RecordBatch> TakeBothLanes(StoringConsumer consumer)
    {
        while (true)
        {
            var batch = await Take(consumer);
            if (batch.Lanes.Count == 2) return batch;
            consumer.Release(batch, TimeSpan.Zero);
        }
    }
}

/// <summary>A group's store that does not answer the first times it is asked.</summary>
/// <param name="silent">Whether it says nothing at all; else it refuses.</param>
internal sealed class AwayOffsets(IGroupOffsets inner, int times, bool silent) : IGroupOffsets
{
    private int _left = times;

    public Task<IReadOnlyDictionary<(string Topic, int Partition), long>> Read(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        Interlocked.Decrement(ref _left) < 0 ? inner.Read(topics, cancellationToken)
        : silent ? new TaskCompletionSource<IReadOnlyDictionary<(string, int), long>>().Task
        : throw new InvalidOperationException("The store is away.");
}

public sealed class MockKafkaHandOverTests(MockKafkaEngine engine) : KafkaHandOver(engine), IClassFixture<MockKafkaEngine>;
