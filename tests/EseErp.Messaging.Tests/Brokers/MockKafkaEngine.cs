namespace EseErp.Messaging.Tests;

/// <summary>Kafka as of librdkafka's mock cluster.</summary>
public sealed class MockKafkaEngine : KafkaEngine, IRestartableEngine
{
    private MockCluster? _cluster;

    protected override string BootstrapServers => _cluster!.BootstrapServers;

    public override Task InitializeAsync()
    {
        _cluster = new MockCluster();
        return Task.CompletedTask;
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _cluster?.End();
    }

    /// <summary>One broker after the other, as in a rolling restart: the mock has no other that takes over.</summary>
    public async Task Restart()
    {
        for (var broker = 1; broker <= MockCluster.Brokers; broker++)
        {
            _cluster!.SetDown(broker);
            // Clients notice that their connections are gone.
            await Task.Delay(300);
            _cluster.SetUp(broker);
        }
    }

    protected override Task CreateTopic(string topic, int partitions)
    {
        _cluster!.CreateTopic(topic, partitions);
        return Task.CompletedTask;
    }
}

// No BrokerSeek: the mock takes no positions from outside a group, which every real cluster does.
public sealed class MockKafkaDeliveryTests(MockKafkaEngine engine) : BrokerDelivery(engine), IClassFixture<MockKafkaEngine>;

public sealed class MockKafkaGroupTests(MockKafkaEngine engine) : BrokerGroups(engine), IClassFixture<MockKafkaEngine>;

public sealed class MockKafkaFailureTests(MockKafkaEngine engine) : BrokerFailures(engine), IClassFixture<MockKafkaEngine>;
