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

    public Task TakeDown()
    {
        _cluster!.TakeDown();
        return Task.CompletedTask;
    }

    public Task BringBack()
    {
        _cluster!.BringBack();
        return Task.CompletedTask;
    }

    /// <summary>The next commit of positions is not answered for so long.</summary>
    public void HoldCommitBack(TimeSpan time) => _cluster!.HoldCommitBack(time);

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
