using EseErp.Launcher.Kafka;

namespace EseErp.Testing;

/// <summary>
/// The Apache Kafka of this test process: a private throw-away broker that starts with the first test that asks and goes
/// when the process ends, even by kill -9.
/// </summary>
public sealed class KafkaServer
{
    private static readonly Lazy<Task<KafkaServer>> Started = new(Begin);

    // Keeps the broker's guard from being collected, which would end it.
    private readonly LocalKafka _local;

    private KafkaServer(LocalKafka local) => _local = local;

    public string BootstrapServers => _local.BootstrapServers;

    /// <summary>It is too old to be asked for its version: clients must be told.</summary>
    public string BrokerVersion { get; } = LocalKafka.Version;

    /// <summary>The broker's process; null while it does not run.</summary>
    public int? ProcessId => _local.ProcessId;

    /// <summary>The server, started if this is the first call.</summary>
    public static Task<KafkaServer> Get() => Started.Value;

    /// <summary>Creates a topic and returns when clients are served all its partitions; one that is there stays as it is.</summary>
    public Task CreateTopic(string topic, int partitions) => _local.CreateTopicAsync(topic, partitions);

    /// <summary>Stops it in good order and starts it again; returns when it serves clients.</summary>
    public async Task Restart()
    {
        await Stop();
        await Start();
    }

    /// <summary>Ends the broker as kill -9 does and starts it again; returns when it serves clients.</summary>
    public async Task Kill()
    {
        await _local.KillAsync();
        await Start();
    }

    /// <summary>Stops it in good order, until <see cref="Start"/>.</summary>
    public Task Stop() => _local.StopAsync();

    /// <summary>Starts it after <see cref="Stop"/>, with its data; returns when it serves clients.</summary>
    public Task Start() => _local.StartAsync();

    private static async Task<KafkaServer> Begin()
    {
        var local = new LocalKafka(ThrowAwayDirectory.Create(), FreePort.Find(), FreePort.Find(), durable: false);
        await local.StartAsync();
        // Nobody stops it: when this process ends, the broker's own guard does, and the directory goes after it.
        return new KafkaServer(local);
    }
}
