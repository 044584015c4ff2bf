using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using EseErp.Messaging.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace EseErp.Messaging.Tests;

/// <summary>A Kafka cluster under test.</summary>
public abstract class KafkaEngine : IServiceEngine
{
    private readonly List<Client> _clients = [];

    /// <summary>How the cluster is reached.</summary>
    protected abstract string BootstrapServers { get; }

    protected virtual Version? BrokerVersion => null;

    public bool KeepsLanesTogether => false;

    public bool KnowsWhatItHas => false;

    /// <summary>What a service on this cluster is told. Its times are short, so that no test waits long until a killed member is missed or a lost request given up.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(Address)
    {
        ["Ese:Kafka:session.timeout.ms"] = "6000",
        ["Ese:Kafka:heartbeat.interval.ms"] = "300",
        ["Ese:Kafka:auto.commit.interval.ms"] = "500",
    };

    private Dictionary<string, string> Address => new()
    {
        ["Ese:Broker"] = "kafka",
        ["KAFKA_BOOTSTRAP_SERVERS"] = BootstrapServers,
        ["KAFKA_BROKER_VERSION"] = BrokerVersion?.ToString() ?? "",
    };

    public abstract Task InitializeAsync();

    public virtual async Task DisposeAsync()
    {
        foreach (var client in _clients) await client.Kafka.DisposeAsync();
    }

    public Task<IBroker> Connect()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(Settings!).Build();
        var client = new Client(new KafkaBroker(KafkaSettings.Read(settings), NullLoggerFactory.Instance), CreateTopic);
        lock (_clients) _clients.Add(client);
        return Task.FromResult<IBroker>(client);
    }

    /// <summary>A client with no settings but the cluster's address. Whoever asks for it disposes it.</summary>
    internal KafkaBroker ConnectAsServicesDo() => new(ServiceSettings(), NullLoggerFactory.Instance);

    /// <summary>How far the cluster's tools believe the group to be in a partition; null before it was told.</summary>
    public async Task<long?> Told(string group, string topic, int partition)
    {
        using var tool = new ConsumerBuilder<byte[], byte[]>(ServiceSettings().Consumer(group)).SetLogHandler((_, _) => { }).Build();
        var offset = (await Task.Run(() => tool.Committed([new TopicPartition(topic, partition)], TimeSpan.FromSeconds(10)))).Single().Offset;
        return offset.IsSpecial ? null : offset.Value;
    }

    private KafkaSettings ServiceSettings() => KafkaSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(Address!).Build());

    public async Task Kill(IBroker broker) => await ((Client)broker).Kafka.DisposeAsync();

    public Task Disconnect(IBroker broker)
    {
        Sockets.BreakThoseTo(BootstrapServers.Split(',').Select(server => int.Parse(server.Split(':')[^1], CultureInfo.InvariantCulture)).ToHashSet());
        return Task.CompletedTask;
    }

    /// <summary>Creates a topic where the cluster cannot be asked to; otherwise does nothing.</summary>
    protected abstract Task CreateTopic(string topic, int partitions);

    private sealed class Client(KafkaBroker kafka, Func<string, int, Task> createTopic) : IBroker
    {
        public KafkaBroker Kafka => kafka;

        public async Task CreateTopics(IReadOnlyCollection<string> topics, int partitions, CancellationToken cancellationToken)
        {
            foreach (var topic in topics) await createTopic(topic, partitions);
            await kafka.CreateTopics(topics, partitions, cancellationToken);
        }

        public Task Publish(string topic, IReadOnlyList<OutgoingRecord> records, CancellationToken cancellationToken) =>
            kafka.Publish(topic, records, cancellationToken);

        public Task<ILogPublisher> OpenPublisher(string producer, IPublishedPosition position, CancellationToken cancellationToken) =>
            kafka.OpenPublisher(producer, position, cancellationToken);

        public Task<IGroupConsumer> Join(
            string group, IReadOnlyCollection<string> topics, ConsumeOptions options, IGroupOffsets offsets, CancellationToken cancellationToken) =>
            kafka.Join(group, topics, options, offsets, cancellationToken);

        public Task<IReadOnlyList<PartitionEnds>> Ends(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
            kafka.Ends(topics, cancellationToken);

        public Task<IReadOnlyList<PartitionEnds>> EndsNow(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) => kafka.EndsNow(topics, cancellationToken);

        public Task<IReadOnlyDictionary<string, int>> Partitions(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
            kafka.Partitions(topics, cancellationToken);

        public Task<bool> HasMembers(string group, CancellationToken cancellationToken) => kafka.HasMembers(group, cancellationToken);

        public Task NoteOffsets(string group, IReadOnlyCollection<OffsetMove> offsets, CancellationToken cancellationToken) =>
            kafka.NoteOffsets(group, offsets, cancellationToken);

        public Task Ping(CancellationToken cancellationToken) => kafka.Ping(cancellationToken);

        public Task ApplyRetention(CancellationToken cancellationToken) => kafka.ApplyRetention(cancellationToken);

        public Task<bool> HoldsRecordsBefore(DateTimeOffset time, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
            kafka.HoldsRecordsBefore(time, topics, cancellationToken);
    }
}

/// <summary>Breaks this process's connections from outside of whoever holds them. Linux only.</summary>
internal static partial class Sockets
{
    /// <summary>Breaks every connection of this process to one of these ports.</summary>
    public static void BreakThoseTo(IReadOnlySet<int> ports)
    {
        var address = new byte[128];
        foreach (var path in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            var file = int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture);
            var size = address.Length;
            if (PeerName(file, address, ref size) == 0 && ports.Contains(BinaryPrimitives.ReadUInt16BigEndian(address.AsSpan(2)))) _ = Shutdown(file, 2);
        }
    }

    [LibraryImport("libc", EntryPoint = "getpeername")]
    private static partial int PeerName(int socket, byte[] address, ref int size);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    private static partial int Shutdown(int socket, int how);
}
