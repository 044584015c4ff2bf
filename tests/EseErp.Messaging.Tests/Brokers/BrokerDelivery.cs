namespace EseErp.Messaging.Tests;

/// <summary>What a single consumer may rely on.</summary>
public abstract class BrokerDelivery(IBrokerEngine engine) : BrokerConformance(engine)
{
    [Fact]
    public async Task Should_deliver_every_record_in_order_per_key()
    {
        var (broker, topic) = await NewTopic();
        await Publish(broker, topic, Enumerable.Range(0, 1000));
        await using var consumer = await Join(broker, NewGroup(), topic, batchSize: 70);

        var records = await TakeAll(consumer, 1000);

        records.Select(NumberOf).Order().ShouldBe(Enumerable.Range(0, 1000));
        ShouldBeInOrder(records);
        records.Select(record => record.Partition).Distinct().Count().ShouldBe(4);
        foreach (var partition in records.GroupBy(record => record.Partition))
            partition.Select(record => record.Offset).ShouldBe(Enumerable.Range(0, partition.Count()).Select(offset => (long)offset));
    }

    [Fact]
    public async Task Should_put_a_key_into_the_same_partition_of_every_topic()
    {
        var (broker, one) = await NewTopic();
        var other = await NewTopic(broker);
        await Publish(broker, one, Enumerable.Range(0, 40));
        await Publish(broker, other, Enumerable.Range(0, 40));
        await using var consumer = await Join(broker, NewGroup(), [one, other], workers: 4);

        var records = await TakeAll(consumer, 80);

        foreach (var key in records.GroupBy(record => record.Key)) key.Select(record => record.Partition).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Should_wake_up_for_a_record_published_later()
    {
        var (broker, topic) = await NewTopic();
        await using var consumer = await Join(broker, NewGroup(), topic);
        var taking = Take(consumer);

        await Publish(broker, topic, [7]);

        (await taking).Records.ShouldHaveSingleItem().Key.ShouldBe("RMA-7");
    }

    [Fact]
    public async Task Should_hand_out_released_records_again_and_none_behind_them_before()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        await Publish(broker, topic, Enumerable.Range(0, 20));
        await using var consumer = await Join(broker, NewGroup(), topic, batchSize: 10);
        var first = await Take(consumer, 10);

        consumer.Release(first, TimeSpan.Zero);

        (await Take(consumer)).Records.Select(NumberOf).ShouldBe(first.Records.Select(NumberOf));
    }

    [Fact]
    public async Task Should_hand_out_a_released_lane_after_its_pause_and_others_meanwhile()
    {
        var (broker, topic) = await NewTopic(partitions: 2);
        await Publish(broker, topic, Enumerable.Range(0, 40));
        await using var consumer = await Join(broker, NewGroup(), topic);
        var batch = await TakeLanes(consumer, 2);

        consumer.Release(batch with { Records = [], Lanes = [0] }, TimeSpan.FromSeconds(2));
        consumer.Release(batch with { Records = [], Lanes = [1] }, TimeSpan.Zero);

        var next = await Take(consumer);
        next.Lanes.ShouldBe([1]);
        consumer.Commit(next);
        (await Take(consumer)).Lanes.ShouldBe([0]);
    }

    [Fact]
    public async Task Should_go_on_where_a_divided_batch_was_committed()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        await Publish(broker, topic, Enumerable.Range(0, 10));
        var group = NewGroup();
        await using (var consumer = await Join(broker, group, topic))
        {
            var batch = await Take(consumer, 10);
            // The first three are applied, the fourth is not for now: its lane stays busy until released.
            consumer.Commit(batch with { Records = batch.Records.Take(3).ToList(), Lanes = [] });
            consumer.Release(batch with { Records = [] }, TimeSpan.Zero);
            (await Take(consumer)).Records.Select(NumberOf).ShouldBe(Enumerable.Range(3, 7));
        }

        await using var again = await Join(broker, group, topic);
        (await Take(again, 7)).Records.Select(NumberOf).ShouldBe(Enumerable.Range(3, 7));
    }

    [Fact]
    public async Task Should_deliver_again_after_a_rejoin_what_was_not_committed_and_only_that()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        await Publish(broker, topic, Enumerable.Range(0, 20));
        var group = NewGroup();
        await using (var consumer = await Join(broker, group, topic, batchSize: 10))
        {
            consumer.Commit(await Take(consumer, 10));
            await Take(consumer, 10);
        }

        await using var again = await Join(broker, group, topic);
        (await Take(again, 10)).Records.Select(NumberOf).ShouldBe(Enumerable.Range(10, 10));
    }

    [Fact]
    public async Task Should_start_a_new_group_at_the_beginning_and_keep_groups_apart()
    {
        var (broker, topic) = await NewTopic();
        await Publish(broker, topic, Enumerable.Range(0, 100));
        var (one, other) = (NewGroup(), NewGroup());
        await using (var consumer = await Join(broker, one, topic)) await TakeAll(consumer, 100);

        await using var late = await Join(broker, other, topic);
        (await TakeAll(late, 100)).Select(NumberOf).Order().ShouldBe(Enumerable.Range(0, 100));

        await using var same = await Join(broker, one, topic);
        await ShouldGetNothing(same);
    }

    [Fact]
    public async Task Should_tell_how_far_a_group_has_read()
    {
        var (broker, topic) = await NewTopic(partitions: 3);
        var group = NewGroup();
        await Publish(broker, topic, Enumerable.Range(0, 60));

        var before = await Positions(broker, group, topic);
        before.Select(position => position.Partition).ShouldBe([0, 1, 2]);
        before.ShouldAllBe(position => position.Position == 0 && position.LastSeen == null && position.Lag > 0);
        before.Sum(position => position.End).ShouldBe(60);

        await using (var consumer = await Join(broker, group, topic)) await TakeAll(consumer, 60);
        var after = await Positions(broker, group, topic);
        after.ShouldAllBe(position => position.Lag == 0 && position.Position == position.End && position.LastSeen != null);
    }

    [Fact]
    public async Task Should_carry_large_empty_and_binary_messages_to_the_byte()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        var large = new byte[1_000_000];
        new Random(1).NextBytes(large);
        await broker.Publish(topic, [new OutgoingRecord("ключ %_'", large), new OutgoingRecord("", []), new OutgoingRecord("k", [0, 255])], CancellationToken.None);
        await using var consumer = await Join(broker, NewGroup(), topic);

        var records = await TakeAll(consumer, 3);

        records.Select(record => record.Key).ShouldBe(["ключ %_'", "", "k"]);
        records[0].Value.AsSpan().SequenceEqual(large).ShouldBeTrue();
        records[1].Value.ShouldBeEmpty();
        records[2].Value.ShouldBe([0, 255]);
    }

    [Fact]
    public async Task Should_take_a_message_up_to_the_limit_and_publish_nothing_of_a_batch_with_one_beyond()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        var largest = new OutgoingRecord("k", new byte[BrokerLimits.MostValueBytes]);
        var small = new OutgoingRecord("k", [1]);

        await broker.Publish(topic, [largest], CancellationToken.None);
        await Should.ThrowAsync<MessageTooLargeException>(() => broker.Publish(
            topic, [small, largest with { Value = new byte[BrokerLimits.MostValueBytes + 1] }], CancellationToken.None));
        await Should.ThrowAsync<MessageTooLargeException>(() => broker.Publish(
            topic, [small with { Key = new string('k', BrokerLimits.MostKeyBytes + 1) }, small], CancellationToken.None));
        await broker.Publish(topic, [small with { Key = new string('k', BrokerLimits.MostKeyBytes) }], CancellationToken.None);

        (await broker.Ends([topic], CancellationToken.None)).Single().Next.ShouldBe(2);
        await using var consumer = await Join(broker, NewGroup(), topic);
        (await TakeAll(consumer, 2)).Select(record => record.Value.Length).ShouldBe([BrokerLimits.MostValueBytes, 1]);
    }

    [Fact]
    public async Task Should_publish_nothing_when_there_is_nothing()
    {
        var (broker, topic) = await NewTopic();
        await broker.Publish(topic, [], CancellationToken.None);
        (await broker.Ends([topic], CancellationToken.None)).ShouldAllBe(end => end.Next == 0);
    }

    [Fact]
    public async Task Should_refuse_a_topic_that_was_not_created()
    {
        var broker = await Engine.Connect();
        await Should.ThrowAsync<Exception>(() => Publish(broker, $"topic-{Guid.NewGuid():N}", [1]));
    }

    [Fact]
    public async Task Should_create_a_topic_once_when_asked_several_times_at_once()
    {
        var topics = Enumerable.Range(0, 3).Select(_ => $"topic-{Guid.NewGuid():N}").ToList();
        var brokers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Engine.Connect()));

        await Task.WhenAll(brokers.Select((broker, index) => broker.CreateTopics(index % 2 == 0 ? topics : topics.AsEnumerable().Reverse().ToList(), 3, CancellationToken.None)));

        foreach (var topic in topics) (await brokers[0].Ends([topic], CancellationToken.None)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Should_lose_and_repeat_nothing_of_parallel_publishers_while_reading_all_the_time()
    {
        var (broker, topic) = await NewTopic();
        await using var consumer = await Join(broker, NewGroup(), topic, batchSize: 40);
        var reading = TakeAll(consumer, 1200);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(async publisher =>
        {
            var own = await Engine.Connect();
            // Keys of its own, so that order per key can be told.
            for (var round = 0; round < 20; round++)
                await own.Publish(topic, Enumerable.Range(round * 10, 10).Select(number => Record(number) with { Key = $"{publisher}-{number % 7}" }).ToList(), CancellationToken.None);
        }));

        var records = await reading.WaitAsync(Limit);
        ShouldBeInOrder(records);
        foreach (var partition in records.GroupBy(record => record.Partition))
            partition.Select(record => record.Offset).ShouldBe(Enumerable.Range(0, partition.Count()).Select(offset => (long)offset));
    }

    private static async Task<RecordBatch> TakeLanes(StoringConsumer consumer, int lanes)
    {
        while (true)
        {
            var batch = await Take(consumer);
            if (batch.Lanes.Count == lanes) return batch;
            // Lanes come one by one while the member is still joining.
            consumer.Release(batch, TimeSpan.Zero);
        }
    }
}
