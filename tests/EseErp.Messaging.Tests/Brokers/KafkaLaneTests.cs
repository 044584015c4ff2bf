using Confluent.Kafka;
using EseErp.Messaging.Kafka;

namespace EseErp.Messaging.Tests;

/// <summary>What a member on Kafka does with a record that is not the one that should come.</summary>
public sealed class KafkaLaneTests
{
    private static readonly TopicPartition Partition = new("topic", 0);

    private readonly KafkaLanes _lanes = new(1, 100);

    [Fact]
    public void Should_look_up_its_place_before_it_believes_that_records_are_missing()
    {
        Begin(5);
        Fetch(5, 6);
        Fetch(9, 10);

        Taken().ShouldBeEmpty();
        _lanes.Stale().ShouldBe([Partition]);

        // The client had lost its place.
        GoOn(5);
        Fetch(5, 6, 7, 8, 9, 10);

        Taken().ShouldBe([5, 6, 7, 8, 9, 10]);
        _lanes.Stale().ShouldBeEmpty();
    }

    [Fact]
    public void Should_look_up_its_place_before_it_takes_records_again()
    {
        Begin(5);
        Fetch(0, 1);

        Taken().ShouldBeEmpty();
        GoOn(5);
        Fetch(5, 6);

        Taken().ShouldBe([5, 6]);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(0)]
    public void Should_believe_what_comes_once_more(long offset)
    {
        Begin(5);
        Fetch(offset);
        GoOn(5);

        Fetch(offset, offset + 1);

        Taken().ShouldBe([offset, offset + 1]);
    }

    [Fact]
    public void Should_doubt_one_gap_of_a_partition_that_has_more()
    {
        Begin(5);
        Fetch(5, 7);
        GoOn(5);

        Fetch(5, 7, 9, 12);

        Taken().ShouldBe([5, 7, 9, 12]);
    }

    [Fact]
    public void Should_begin_with_whatever_is_the_oldest()
    {
        Begin(0);
        Fetch(30, 31);

        Taken().ShouldBe([30, 31]);
    }

    private void Begin(long place)
    {
        _lanes.Assign([Partition]);
        GoOn(place);
    }

    private void GoOn(long place) => _lanes.GoOn([new TopicPartitionOffset(Partition, place)]);

    private void Fetch(params long[] offsets) => _lanes.Add(offsets.Select(offset => new BrokerRecord(Partition.Topic, 0, offset, "key", [])));

    private List<long> Taken()
    {
        if (_lanes.Take(1) is not { } batch) return [];
        _lanes.Finish(batch.Records, _lanes.Moves(batch.Records));
        _lanes.Free(batch.Lanes, TimeSpan.Zero);
        return batch.Records.Select(record => record.Offset).ToList();
    }
}
