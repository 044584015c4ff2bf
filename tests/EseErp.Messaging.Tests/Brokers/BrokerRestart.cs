namespace EseErp.Messaging.Tests;

/// <summary>A broker whose server a test may end and start again.</summary>
public interface IRestartableEngine : IBrokerEngine
{
    /// <summary>Ends the server as a crash does.</summary>
    Task TakeDown();

    /// <summary>Starts it again with its data; returns when it serves clients.</summary>
    Task BringBack();
}

/// <summary>What holds when the broker itself goes and comes back.</summary>
public abstract class BrokerRestart(IRestartableEngine engine) : BrokerConformance(engine)
{
    protected IRestartableEngine Server { get; } = engine;

    [Fact]
    public async Task Should_lose_nothing_acknowledged_and_keep_order_and_positions_over_restarts_of_the_broker()
    {
        var (broker, topic) = await NewTopic();
        var (group, journal) = (NewGroup(), new Journal());
        await using var member = await Work(await Engine.Connect(), group, [topic], journal, "member");
        using var stop = new CancellationTokenSource();
        var publishing = PublishUntil(broker, topic, stop.Token);
        await Eventually.Within(Limit, () => Task.FromResult(journal.Entries.Count > 50), "the first records");

        for (var round = 0; round < 2; round++)
        {
            var before = journal.Entries.Count;
            await Server.TakeDown();
            await Server.BringBack();
            await Eventually.Within(Limit, () => Task.FromResult(journal.Entries.Count > before + 50), "records after the restart");
        }

        await stop.CancelAsync();
        var published = await publishing;
        await Eventually.Within(
            Limit, () => Task.FromResult(journal.Entries.Select(entry => NumberOf(entry.Record)).Distinct().Count()), n => n == published, "all records");
        await Eventually.Within(
            Limit, async () => await Lag(broker, group, topic) == 0, "everything to be committed");
        // A batch whose acknowledgement was lost is published again; what came first of each record is in order all the same.
        ShouldBeInOrder(journal.Entries.Select(entry => entry.Record).DistinctBy(NumberOf));
    }

    /// <summary>Publishes as the relay does: a batch that was not acknowledged is published again, and none before it is.</summary>
    protected static async Task<int> PublishUntil(IBroker broker, string topic, CancellationToken cancellationToken)
    {
        var next = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var batch = Enumerable.Range(next, 20).ToList();
            await Eventually.Within(Limit, () => Publish(broker, topic, batch), "a batch to be published");
            next += batch.Count;
            // Not as fast as the machine can: the restarts are to strike in between.
            await Task.Delay(5, CancellationToken.None);
        }

        return next;
    }
}
