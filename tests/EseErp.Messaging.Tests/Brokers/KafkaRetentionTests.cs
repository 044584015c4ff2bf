namespace EseErp.Messaging.Tests;

/// <summary>What holds when Kafka has dropped old records. Its own retention cannot be hurried; the mock drops beyond 5 MB.</summary>
public sealed class KafkaRetentionTests(MockKafkaEngine mock, RealKafkaEngine real)
    : BrokerConformance(mock), IClassFixture<MockKafkaEngine>, IClassFixture<RealKafkaEngine>
{
    [Fact]
    public async Task Should_start_and_count_from_the_oldest_record_that_is_left()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        for (var number = 0; number < 8; number++)
            await broker.Publish(topic, [new OutgoingRecord($"{number}", new byte[BrokerLimits.MostValueBytes])], CancellationToken.None);

        var position = (await Positions(broker, NewGroup(), topic)).Single();

        position.End.ShouldBe(8);
        position.Position.ShouldBeGreaterThan(0);
        await using var consumer = await Join(broker, NewGroup(), topic);
        (await TakeAll(consumer, (int)position.Lag!)).Select(record => record.Offset).ShouldBe(Enumerable.Range((int)position.Position, (int)position.Lag!).Select(offset => (long)offset));
    }

    [Fact]
    public async Task Should_go_on_at_the_oldest_record_with_a_group_that_has_not_read_what_is_gone_or_is_beyond_the_end()
    {
        var (broker, topic) = await NewTopic(partitions: 2);
        var (late, beyond) = (NewGroup(), NewGroup());
        var key = Enumerable.Range(0, 100).Select(number => $"{number}").First(key => Partitioner.PartitionOf(key, 2) == 0);
        for (var number = 0; number < 8; number++)
            await broker.Publish(topic, [new OutgoingRecord(key, new byte[BrokerLimits.MostValueBytes])], CancellationToken.None);
        var oldest = (int)(await broker.Ends([topic], CancellationToken.None))[0].Oldest;
        oldest.ShouldBeGreaterThan(1);
        Store(late).Move([new OffsetMove(topic, 0, 0, 1)]);
        Store(beyond).Move([new OffsetMove(topic, 0, 0, 100)]);

        foreach (var group in new[] { late, beyond })
        {
            await using var consumer = await Join(broker, group, topic);
            (await TakeAll(consumer, 8 - oldest)).Select(record => record.Offset).ShouldBe(Enumerable.Range(oldest, 8 - oldest).Select(offset => (long)offset));
            Store(group).Of(topic, 0)!.Value.Next.ShouldBe(8);
        }
    }

    [Fact]
    public async Task Should_say_that_it_may_hold_old_records_where_the_broker_knows_no_times()
    {
        var broker = await real.Connect();
        var (topic, empty) = (await NewTopic(broker), await NewTopic(broker));
        await Publish(broker, topic, Enumerable.Range(0, 10));

        (await broker.HoldsRecordsBefore(DateTimeOffset.UtcNow.AddDays(1), [topic, empty], CancellationToken.None)).ShouldBeTrue();
        (await broker.HoldsRecordsBefore(DateTimeOffset.UtcNow.AddDays(1), [empty], CancellationToken.None)).ShouldBeFalse();
    }
}
