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

    /// <summary>The next question where a partition begins or ends is not answered for so long.</summary>
    public void HoldEndsBack(TimeSpan time) => _cluster!.HoldEndsBack(time);

    /// <summary>Makes a broker the leader of a partition.</summary>
    public void Lead(string topic, int partition, int broker) => _cluster!.SetLeader(topic, partition, broker);

    /// <summary>Takes one broker down; nobody takes over what it leads.</summary>
    public void TakeDown(int broker) => _cluster!.TakeDown(broker);

    public void BringBack(int broker) => _cluster!.BringBack(broker);

    protected override Task CreateTopic(string topic, int partitions)
    {
        _cluster!.CreateTopic(topic, partitions);
        return Task.CompletedTask;
    }
}

public sealed class MockKafkaDeliveryTests(MockKafkaEngine engine) : BrokerDelivery(engine), IClassFixture<MockKafkaEngine>;

public sealed class MockKafkaGroupTests(MockKafkaEngine engine) : BrokerGroups(engine), IClassFixture<MockKafkaEngine>;

public sealed class MockKafkaLogTests(MockKafkaEngine engine) : KafkaLogs(engine), IClassFixture<MockKafkaEngine>;

public sealed class MockKafkaSeekTests(MockKafkaEngine engine) : BrokerSeek(engine), IClassFixture<MockKafkaEngine>
{
    /// <summary>The mock cannot be asked. Whoever asks hears that, and not that nobody is there.</summary>
    [Fact]
    public override async Task Should_tell_whether_a_group_has_a_member()
    {
        var broker = await Engine.Connect();
        await Should.ThrowAsync<Confluent.Kafka.KafkaException>(() => broker.HasMembers(NewGroup(), CancellationToken.None));
    }
}

public sealed class MockKafkaFailureTests(MockKafkaEngine engine) : BrokerFailures(engine), IClassFixture<MockKafkaEngine>;
