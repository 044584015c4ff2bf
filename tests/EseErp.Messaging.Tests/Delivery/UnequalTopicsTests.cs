namespace EseErp.Messaging.Tests;

/// <summary>A lane is partition <i>p</i> of all topics of a group, so they have equally many.</summary>
public sealed class UnequalTopicsTests(TestDatabases databases) : DeliverySpec(databases)
{
    [Fact]
    public async Task Should_end_a_service_whose_topics_differ_in_their_number_of_partitions_and_name_them()
    {
        var other = $"{Messaging.Topic}-other";
        await Broker.CreateTopics([other], 6, CancellationToken.None);

        var team = await StartTeam(Messaging with { OtherTopic = other });

        await team.Stopped.WaitAsync(Limit);
        lock (team.Warnings) team.Warnings.ShouldContain(warning => warning.Contains("BackgroundService", StringComparison.Ordinal));
        lock (team.Failures) team.Failures.ShouldContain(failure => failure.Message.Contains($"{Messaging.Topic} 4, {other} 6.", StringComparison.Ordinal));
        (await team.Receipts()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Should_not_mind_the_topic_it_only_publishes_to()
    {
        var (heard, published) = ($"{Messaging.Topic}-heard", $"{Messaging.Topic}-published");
        await Broker.CreateTopics([heard], 6, CancellationToken.None);
        await Broker.CreateTopics([published], 4, CancellationToken.None);

        var team = await StartTeam(Messaging with { Topic = published, OtherTopic = heard, Consumes = false });

        await Broker.Publish(heard, [Outgoing(new ParcelSent("RMA-1", 1))], CancellationToken.None);
        await Eventually.Within(Limit, async () => (await team.Receipts()).Count, count => count == 1, "the parcel to be applied");
    }
}
