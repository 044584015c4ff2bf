namespace EseErp.Messaging.Tests;

/// <summary>
/// Apache Kafka itself: the cluster named by <c>KAFKA_BOOTSTRAP_SERVERS</c>, or this process's own broker, whose version 0.9
/// is the oldest that the engine works with.
/// </summary>
public sealed class RealKafkaEngine : KafkaEngine
{
    private static readonly string? Named = Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP_SERVERS") is { Length: > 0 } servers ? servers : null;

    private KafkaServer? _server;

    protected override string BootstrapServers => Named ?? _server!.BootstrapServers;

    protected override Version? BrokerVersion => Named is null ? Version.Parse(_server!.BrokerVersion)
        : Environment.GetEnvironmentVariable("KAFKA_BROKER_VERSION") is { Length: > 0 } version ? Version.Parse(version) : null;

    /// <summary>The broker, when it is this process's own and may be killed.</summary>
    public KafkaServer? Own => _server;

    public override async Task InitializeAsync()
    {
        if (Named is null) _server = await KafkaServer.Get();
    }

    protected override Task CreateTopic(string topic, int partitions) => _server?.CreateTopic(topic, partitions) ?? Task.CompletedTask;
}

public sealed class RealKafkaDeliveryTests(RealKafkaEngine engine) : BrokerDelivery(engine), IClassFixture<RealKafkaEngine>;

public sealed class RealKafkaGroupTests(RealKafkaEngine engine) : BrokerGroups(engine), IClassFixture<RealKafkaEngine>;

public sealed class RealKafkaLogTests(RealKafkaEngine engine) : KafkaLogs(engine), IClassFixture<RealKafkaEngine>;

public sealed class RealKafkaFailureTests(RealKafkaEngine engine) : BrokerFailures(engine), IClassFixture<RealKafkaEngine>;

public sealed class RealKafkaSeekTests(RealKafkaEngine engine) : BrokerSeek(engine), IClassFixture<RealKafkaEngine>;

public sealed class RealKafkaHandOverTests(RealKafkaEngine engine) : KafkaHandOver(engine), IClassFixture<RealKafkaEngine>
{
    // Not on the mock, which refuses every commit while a group changes members.
    [Fact]
    public async Task Should_wait_for_the_batch_under_way_before_a_partition_goes_to_another_member()
    {
        var (broker, topic) = await NewTopic(partitions: 2);
        var group = NewGroup();
        await Publish(broker, topic, Enumerable.Range(0, 40));
        await using var first = await Join(broker, group, topic);
        var batch = await TakeBothLanes(first);
        var journal = new Journal();
        await using var second = await Work(await Engine.Connect(), group, [topic], journal, "second");
        // One of the two goes to the second member, which has nothing to do once it is committed in time.
        first.Commit(batch);

        using var stop = new CancellationTokenSource();
        var mine = Consume(first, stop.Token);
        var published = 100;
        await Eventually.Within(Limit, async () =>
        {
            await Publish(broker, topic, Enumerable.Range(published, 40));
            published += 40;
            return journal.Entries.Count > 0;
        }, "the second member to get its partition");
        await Eventually.Within(Limit, async () => await Lag(broker, group, topic) == 0, "all records");
        await stop.CancelAsync();

        journal.Entries.ShouldAllBe(entry => NumberOf(entry.Record) >= 100);
        journal.Entries.Select(entry => NumberOf(entry.Record)).Concat(await mine).Order().ShouldBe(Enumerable.Range(100, published - 100));
    }

    private static async Task<List<int>> Consume(StoringConsumer consumer, CancellationToken cancellationToken)
    {
        var numbers = new List<int>();
        while (true)
        {
            try
            {
                var batch = await consumer.Take(cancellationToken);
                numbers.AddRange(batch.Records.Select(NumberOf));
                consumer.Commit(batch);
            }
            catch (TimeoutException)
            {
                // A busy cluster: a later commit tells it.
            }
            catch (OperationCanceledException)
            {
                return numbers;
            }
        }
    }
}
