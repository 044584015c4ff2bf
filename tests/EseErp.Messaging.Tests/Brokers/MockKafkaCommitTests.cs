namespace EseErp.Messaging.Tests;

/// <summary>A cluster that does not answer a commit. In a class of its own, as whoever commits next is kept waiting.</summary>
public sealed class MockKafkaCommitTests(MockKafkaEngine engine) : BrokerConformance(engine), IClassFixture<MockKafkaEngine>
{
    [Fact]
    public async Task Should_go_on_without_the_answer_to_a_commit_and_tell_the_cluster_later()
    {
        var (broker, topic) = await NewTopic(partitions: 1);
        await Publish(broker, topic, Enumerable.Range(0, 20));
        var group = NewGroup();
        await using var consumer = await Join(broker, group, topic, batchSize: 10);
        var batch = await Take(consumer, 10);
        engine.HoldCommitBack(TimeSpan.FromMinutes(10));

        // Its worker is free again before Kafka's client itself gives up the request.
        await Should.ThrowAsync<TimeoutException>(() => consumer.Commit(batch, CancellationToken.None));

        using var stop = new CancellationTokenSource();
        var rest = WorkOn(consumer, stop.Token);
        await Eventually.Within(Limit, async () => (await broker.Positions(group, [topic], CancellationToken.None)).Single().Lag == 0, "everything to be committed");
        await stop.CancelAsync();
        // It may have lost its partition meanwhile, and was handed again what was not committed.
        batch.Records.Select(NumberOf).Union(await rest).Order().ShouldBe(Enumerable.Range(0, 20));
    }

    private static async Task<List<int>> WorkOn(IGroupConsumer consumer, CancellationToken cancellationToken)
    {
        var numbers = new List<int>();
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var batch = await consumer.Take(cancellationToken);
                numbers.AddRange(batch.Records.Select(NumberOf));
                await consumer.Commit(batch, cancellationToken);
            }
            catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
            {
                // Stopped, or told the cluster later.
            }
        }

        return numbers;
    }
}
