using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace EseErp.Messaging.Tests;

/// <summary>
/// librdkafka's own mock of a cluster: three brokers in this process that speak the current protocol, with consumer groups,
/// in memory.
/// </summary>
internal sealed partial class MockCluster
{
    private static readonly Lazy<bool> Resolved = new(() =>
    {
        // The package has the library in several builds. The client loads the first that suits the system; the cluster is that one's.
        if (!Library.IsLoaded) Library.Load();
        var loaded = Process.GetCurrentProcess().Modules.Cast<ProcessModule>().Single(module => module.ModuleName.Contains("librdkafka"));
        NativeLibrary.SetDllImportResolver(
            Assembly.GetExecutingAssembly(), (name, _, _) => name == "librdkafka" ? NativeLibrary.Load(loaded.FileName) : nint.Zero);
        return true;
    });

    private const int Brokers = 3;

    // RD_KAFKA_RESP_ERR__TRANSPORT: the broker drops the client.
    private const int Disconnect = -195;

    // Produce, fetch, heartbeat, metadata and, as the first on each new connection, API versions.
    private static readonly short[] RequestKinds = [0, 1, 12, 3, 18];

    private const short CommitKind = 8;

    private const short ListOffsetsKind = 2;

    private readonly nint _host;
    private readonly nint _cluster;

    public MockCluster()
    {
        _ = Resolved.Value;
        _host = New(0, NewConf(), new byte[512], 512);
        _cluster = NewCluster(_host, Brokers);
        BootstrapServers = Marshal.PtrToStringUTF8(Bootstraps(_cluster))!;
    }

    public string BootstrapServers { get; }

    public void CreateTopic(string topic, int partitions)
    {
        // An error code of its own says that it exists.
        _ = TopicCreate(_cluster, topic, partitions, Brokers);
    }

    /// <summary>Takes all brokers down: their connections break and their ports refuse new ones. What they hold stays.</summary>
    public void TakeDown() => ForEachBroker(broker => SetDown(_cluster, broker));

    public void TakeDown(int broker) => SetDown(_cluster, broker).ShouldBe(0);

    public void BringBack() => ForEachBroker(broker => SetUp(_cluster, broker));

    public void BringBack(int broker) => SetUp(_cluster, broker).ShouldBe(0);

    private static void ForEachBroker(Func<int, int> call)
    {
        for (var broker = 1; broker <= Brokers; broker++) call(broker).ShouldBe(0);
    }

    /// <summary>Breaks the connections on which the next requests of every kind arrive, so many of each.</summary>
    public void BreakConnections(int requests)
    {
        foreach (var kind in RequestKinds)
            PushErrors(_cluster, kind, (nuint)requests, [.. Enumerable.Repeat(Disconnect, requests)]);
    }

    /// <summary>The next commit of positions is not answered for so long, and nor is what comes after it on the same connection.</summary>
    public void HoldCommitBack(TimeSpan time) => HoldBack(CommitKind, time);

    /// <summary>The next question of each broker where a partition begins or ends is not answered for so long.</summary>
    public void HoldEndsBack(TimeSpan time) => HoldBack(ListOffsetsKind, time);

    private void HoldBack(short kind, TimeSpan time)
    {
        for (var broker = 1; broker <= Brokers; broker++) PushErrorAfter(_cluster, broker, kind, 1, 0, (int)time.TotalMilliseconds);
    }

    /// <summary>Which broker leads a partition. Without any, this cluster would take the process down with it.</summary>
    public void SetLeader(string topic, int partition, int broker) => PartitionSetLeader(_cluster, topic, partition, broker).ShouldBe(0);

    public void End()
    {
        DestroyCluster(_cluster);
        Destroy(_host);
    }

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_conf_new")]
    private static partial nint NewConf();

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_new")]
    private static partial nint New(int type, nint conf, byte[] error, nint errorSize);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_destroy")]
    private static partial void Destroy(nint client);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_mock_cluster_new")]
    private static partial nint NewCluster(nint client, int brokers);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    private static partial nint Bootstraps(nint cluster);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_mock_cluster_destroy")]
    private static partial void DestroyCluster(nint cluster);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_mock_broker_set_down")]
    private static partial int SetDown(nint cluster, int broker);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_mock_broker_set_up")]
    private static partial int SetUp(nint cluster, int broker);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int TopicCreate(nint cluster, string topic, int partitions, int replication);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_mock_partition_set_leader", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int PartitionSetLeader(nint cluster, string topic, int partition, int broker);

    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    private static partial void PushErrors(nint cluster, short kind, nuint count, int[] errors);

    // Takes any number of pairs of an error and a time; one is given here.
    [LibraryImport("librdkafka", EntryPoint = "rd_kafka_mock_broker_push_request_error_rtts")]
    private static partial void PushErrorAfter(nint cluster, int broker, short kind, nuint count, int error, int milliseconds);
}
