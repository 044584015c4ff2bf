using System.Diagnostics;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Kafka;

/// <summary>
/// A private Apache Kafka of one broker, with its ZooKeeper: own data, own ports, 127.0.0.1 only. Its data survive a stop
/// and a kill; <see cref="DeleteAsync"/> removes them.
/// </summary>
public sealed class LocalKafka : IOwnKafka
{
    /// <summary>The version that is run. It tells its version to no client, so clients are told it.</summary>
    public const string Version = "0.9.0.1";

    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan s_stopGrace = TimeSpan.FromSeconds(15);

    // Where a broker says that it is there; both go with its session, which outlives a broker that is killed.
    private static readonly string[] s_registrations = ["/brokers/ids/0", "/controller"];

    private readonly string _workDirectory;
    private readonly int _zooKeeperPort;
    private readonly Action<string> _report;
    private readonly bool _durable;
    private readonly LocalKafkaFiles _files;
    private readonly string _launch = Guid.NewGuid().ToString("N");
    private readonly JavaServer _kafka;
    private readonly JavaServer _zooKeeper;
    private KafkaGuard? _guard;

    /// <param name="workDirectory">Holds the data in <c>kafka/</c>, and <c>logs/kafka.out</c> and <c>logs/zookeeper.out</c>.</param>
    /// <param name="port">Where the broker listens.</param>
    /// <param name="zooKeeperPort">Where its ZooKeeper listens.</param>
    /// <param name="report">Hears what takes a moment.</param>
    /// <param name="durable">False only for one that is thrown away: its ZooKeeper does not wait for the disk.</param>
    public LocalKafka(string workDirectory, int port, int zooKeeperPort, Action<string>? report = null, bool durable = true)
    {
        _workDirectory = Path.GetFullPath(workDirectory);
        _zooKeeperPort = zooKeeperPort;
        _report = report ?? (_ => { });
        _durable = durable;
        _files = new LocalKafkaFiles(_workDirectory);
        _kafka = new JavaServer(LocalKafkaFiles.Kafka, _files.Directory, _launch, _files.LogOf(LocalKafkaFiles.Kafka));
        _zooKeeper = new JavaServer(LocalKafkaFiles.ZooKeeper, _files.Directory, _launch, _files.LogOf(LocalKafkaFiles.ZooKeeper));
        Port = port;
    }

    public int Port { get; }

    public string BootstrapServers => $"127.0.0.1:{Port}";

    public bool IsRunning => _kafka.Process is not null && _zooKeeper.Process is not null;

    /// <summary>The broker's process.</summary>
    public int? ProcessId => _kafka.Process?.Pid;

    string IOwnKafka.Identity => DataBroker.OwnKafka(DataBroker.Local, _workDirectory);

    string? IOwnKafka.BrokerVersion => Version;

    Task<bool> IOwnKafka.IsRunningAsync(CancellationToken cancellationToken) => Task.FromResult(IsRunning);

    /// <summary>
    /// Starts what of it does not run and returns when the broker serves clients. Ends first what a launcher that was
    /// killed has left behind.
    /// </summary>
    /// <exception cref="LauncherException">It cannot start; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var java = await KafkaPrerequisites.EnsureJavaAsync(_workDirectory, _report, cancellationToken);
        var libraries = await KafkaPrerequisites.EnsureLibrariesAsync(_workDirectory, _report, cancellationToken);
        await _kafka.EndAsync(s_stopGrace, othersOnly: true);
        await _zooKeeper.EndAsync(s_stopGrace, othersOnly: true);
        _files.Write(Port, _zooKeeperPort);
        _guard ??= KafkaGuard.OfServers(_files.Directory, _launch, _files.LogOf("kafka-guard"));

        if (_zooKeeper.Process is null)
        {
            await Ports.RequireFreeAsync(new Dictionary<int, string> { [_zooKeeperPort] = "Kafka's ZooKeeper" }, TimeSpan.FromSeconds(5), cancellationToken);
            _zooKeeper.Start(
                [java, "-Xmx128m", .. SharedOptions(), $"-Dzookeeper.forceSync={(_durable ? "yes" : "no")}", "-cp", libraries],
                "org.apache.zookeeper.server.quorum.QuorumPeerMain");
            await WaitAsync(_zooKeeper, "Kafka's ZooKeeper", () => AskZooKeeperAsync(zooKeeper => zooKeeper.ExistsAsync("/", cancellationToken), cancellationToken), cancellationToken);
        }

        if (_kafka.Process is null)
        {
            await Ports.RequireFreeAsync(new Dictionary<int, string> { [Port] = "Kafka" }, TimeSpan.FromSeconds(5), cancellationToken);
            await RemoveRegistrationAsync(cancellationToken);
            _kafka.Start([java, "-Xmx256m", .. SharedOptions(), "-cp", libraries], "kafka.Kafka");
        }

        await WaitAsync(_kafka, "Kafka", () => IsServingAsync(cancellationToken), cancellationToken);
    }

    /// <summary>Ends the broker as kill -9 does; <see cref="StartAsync"/> starts it again.</summary>
    public async Task KillAsync()
    {
        if (_kafka.Process is { } process)
            await process.EndAsync(Signals.Kill, TimeSpan.FromSeconds(5));
    }

    /// <summary>Stops it in good order.</summary>
    public async Task StopAsync()
    {
        // The broker says goodbye to its ZooKeeper.
        await _kafka.EndAsync(s_stopGrace);
        await _zooKeeper.EndAsync(s_stopGrace);
        _guard?.Dispose();
        _guard = null;
    }

    /// <summary>Stops it and deletes its data.</summary>
    public async Task DeleteAsync()
    {
        await StopAsync();
        if (Directory.Exists(_files.Directory))
            Directory.Delete(_files.Directory, recursive: true);
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>
    /// Creates a topic, as Kafka's own tool does, and returns when clients are served all its partitions. One that is
    /// there already stays as it is.
    /// </summary>
    public async Task CreateTopicAsync(string topic, int partitions, CancellationToken cancellationToken = default)
    {
        var assignment = string.Join(',', Enumerable.Range(0, partitions).Select(partition => $"\"{partition}\":[0]"));
        await AskZooKeeperAsync(
            async zooKeeper =>
            {
                await zooKeeper.CreateAsync($"/config/topics/{topic}", """{"version":1,"config":{}}""", cancellationToken);
                return await zooKeeper.CreateAsync($"/brokers/topics/{topic}", """{"version":1,"partitions":{""" + assignment + "}}", cancellationToken);
            },
            cancellationToken);
        await WaitAsync(_kafka, $"Kafka's topic {topic}", () => ServesAsync(Enumerable.Range(0, partitions).Select(partition => $"{topic}-{partition}"), cancellationToken), cancellationToken);
    }

    /// <summary>Ends what a launcher that was killed has left running in this work directory; returns whether there was any.</summary>
    internal static async Task<bool> EndLeftoversAsync(string workDirectory)
    {
        await using var kafka = new LocalKafka(workDirectory, port: 0, zooKeeperPort: 0);
        return kafka._kafka.Anyone() is not null || kafka._zooKeeper.Anyone() is not null;
    }

    private IEnumerable<string> SharedOptions() =>
        ["-XX:+UseSerialGC", "-Djava.awt.headless=true", "-Dzookeeper.jmx.log4j.disable=true", $"-Dlog4j.configuration=file:{_files.LogSettings}"];

    /// <summary>
    /// A broker that was killed is still registered, and a new one would refuse to start until that session has run out.
    /// </summary>
    private Task<bool> RemoveRegistrationAsync(CancellationToken cancellationToken) => AskZooKeeperAsync(
        async zooKeeper =>
        {
            foreach (var path in s_registrations)
                await zooKeeper.DeleteAsync(path, cancellationToken);
            return true;
        },
        cancellationToken);

    private async Task<bool> IsServingAsync(CancellationToken cancellationToken) =>
        await ServesAsync(PartitionsThereAre(), cancellationToken) && await AskZooKeeperAsync(
            async zooKeeper =>
            {
                foreach (var path in s_registrations)
                {
                    if (!await zooKeeper.ExistsAsync(path, cancellationToken))
                        return false;
                }

                return true;
            },
            cancellationToken);

    /// <summary>A broker that has just started accepts connections before it serves its partitions.</summary>
    private async Task<bool> ServesAsync(IEnumerable<string> partitions, CancellationToken cancellationToken)
    {
        try
        {
            var served = await KafkaMetadata.ServedPartitionsAsync(Port, cancellationToken);
            return partitions.All(served.Contains);
        }
        catch (IOException failure)
        {
            throw new LauncherException($"Kafka on port {Port} does not answer: {failure.Message}", failure);
        }
    }

    /// <summary>Each partition has a directory named after its topic and number.</summary>
    private IEnumerable<string> PartitionsThereAre() =>
        Directory.Exists(_files.Data) ? Directory.EnumerateDirectories(_files.Data).Select(directory => Path.GetFileName(directory)) : [];

    /// <exception cref="LauncherException">It does not answer.</exception>
    private async Task<T> AskZooKeeperAsync<T>(Func<ZooKeeperSession, Task<T>> question, CancellationToken cancellationToken)
    {
        try
        {
            using var zooKeeper = await ZooKeeperSession.OpenAsync(_zooKeeperPort, cancellationToken);
            var answer = await question(zooKeeper);
            await zooKeeper.CloseAsync(cancellationToken);
            return answer;
        }
        catch (IOException failure)
        {
            throw new LauncherException($"Kafka's ZooKeeper on port {_zooKeeperPort} does not answer: {failure.Message}", failure);
        }
    }

    private static async Task WaitAsync(JavaServer server, string what, Func<Task<bool>> outcome, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            Exception? reason = null;
            try
            {
                if (await outcome())
                    return;
            }
            catch (LauncherException failure)
            {
                reason = failure;
            }

            if (server.HasExited)
                throw new LauncherException($"{what} ended while starting; {server.Log} ends:\n{TextFiles.Tail(server.Log, 8)}", reason);
            if (clock.Elapsed > s_startLimit)
                throw new LauncherException($"{what} was not ready within {s_startLimit.TotalSeconds:0} s; {server.Log} ends:\n{TextFiles.Tail(server.Log, 8)}", reason);
            await Task.Delay(50, cancellationToken);
        }
    }
}
