using System.Diagnostics.CodeAnalysis;
using EseErp.Launcher.Kafka;

namespace EseErp.Messaging.Tests;

/// <summary>An Apache Kafka of the test's own.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit calls DisposeAsync.")]
public sealed class RestartableKafka : KafkaEngine, IRestartableEngine
{
    private readonly LocalKafka _server = new(ThrowAwayDirectory.Create(), FreePort.Find(), FreePort.Find(), durable: false);

    protected override string BootstrapServers => _server.BootstrapServers;

    protected override Version? BrokerVersion { get; } = Version.Parse(LocalKafka.Version);

    public override Task InitializeAsync() => _server.StartAsync();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DeleteAsync();
    }

    public Task TakeDown() => _server.KillAsync();

    public Task BringBack() => _server.StartAsync();

    protected override Task CreateTopic(string topic, int partitions) => _server.CreateTopicAsync(topic, partitions);
}

[Collection(nameof(KafkaRestarts))]
public sealed class RealKafkaRestartTests(RestartableKafka engine) : KafkaRestart(engine, engine), IClassFixture<RestartableKafka>;

[Collection(nameof(KafkaRestarts))]
public sealed class MockKafkaRestartTests(MockKafkaEngine engine) : KafkaRestart(engine, engine), IClassFixture<MockKafkaEngine>;
