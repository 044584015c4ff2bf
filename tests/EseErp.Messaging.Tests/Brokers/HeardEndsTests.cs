using System.Diagnostics;
using EseErp.Messaging.Postgres;

namespace EseErp.Messaging.Tests;

/// <summary>What is known of the ends of the embedded broker's partitions comes by two ways, and neither waits for the other.</summary>
public sealed class HeardEndsTests
{
    [Fact]
    public void Should_not_forget_what_was_told_while_somebody_looked()
    {
        var ends = new HeardEnds();
        var asked = Stopwatch.GetTimestamp();
        ends.Hear(1, 0, next: 12);

        ends.Saw(1, 0, oldest: 3, next: 10, asked);

        (ends.Of(1, 0)!.Value.Oldest, ends.Of(1, 0)!.Value.Next).ShouldBe((3, 12));
    }

    [Fact]
    public void Should_believe_a_broker_that_has_lost_its_latest_records()
    {
        var ends = new HeardEnds();
        ends.Hear(1, 0, next: 12);

        ends.Saw(1, 0, oldest: 3, next: 10, Stopwatch.GetTimestamp() + 1);

        ends.Of(1, 0)!.Value.Next.ShouldBe(10);
    }
}
