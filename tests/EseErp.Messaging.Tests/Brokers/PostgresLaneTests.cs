namespace EseErp.Messaging.Tests;

/// <summary>Who loses its connections on the embedded broker loses its lanes.</summary>
public sealed class PostgresLaneTests(PostgresEngine engine) : BrokerConformance(engine), IClassFixture<PostgresEngine>
{
    [Fact]
    public async Task Should_not_move_a_group_back_when_a_member_that_lost_its_lane_commits_late()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        var group = NewGroup();
        await Publish(broker, topic, Enumerable.Range(0, 30));
        var unlucky = await Engine.Connect();
        await using var stale = await Join(unlucky, group, topic, batchSize: 10);
        var late = await Take(stale);
        // Its connections break, and whether it comes back at once or not, the heir waits for its turn.
        await using var heir = await Join(broker, group, topic, batchSize: 30);
        await Eventually.Within(Limit, async () =>
        {
            await Engine.Disconnect(unlucky);
            using var moment = new CancellationTokenSource(700);
            try
            {
                heir.Commit(await heir.Take(moment.Token));
                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }, "the other member to win the lane");
        (await Position()).ShouldBe(30);

        Should.Throw<OffsetsElsewhereException>(() => stale.Commit(late));

        (await Position()).ShouldBe(30);

        async Task<long> Position() => (await Positions(broker, group, topic)).Single().Position;
    }
}
