using System.Globalization;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Kafka;

/// <summary>What a private Kafka keeps in its work directory, and its settings.</summary>
internal sealed class LocalKafkaFiles(string workDirectory)
{
    public const string Kafka = "kafka";
    public const string ZooKeeper = "zookeeper";

    public string Directory { get; } = Path.Combine(workDirectory, "kafka");

    public string LogOf(string server) => Path.Combine(workDirectory, "logs", $"{server}.out");

    public string Data => Path.Combine(Directory, "data");

    /// <summary>Where ZooKeeper writes, below what its settings name.</summary>
    public string ZooKeeperLog => Path.Combine(ZooKeeperData, "version-2");

    public string LogSettings => Path.Combine(Directory, "log4j.properties");

    /// <summary>Topics that are not in the work directory are in a volume of Docker's. Lets them be another system's; returns whether there were any.</summary>
    public static bool ForgetUnlessInside(string workDirectory)
    {
        var id = DataBroker.IdFile(workDirectory);
        if (!File.Exists(id) || System.IO.Directory.Exists(new LocalKafkaFiles(workDirectory).Data))
            return false;
        File.Delete(id);
        return true;
    }

    public void Write(int port, int zooKeeperPort)
    {
        System.IO.Directory.CreateDirectory(Directory);
        // ZooKeeper's server and its purge both create it at a first start, and the server ends when the purge was faster.
        System.IO.Directory.CreateDirectory(ZooKeeperLog);
        Write(LogSettings,
        [
            ("log4j.rootLogger", "INFO, out"),
            ("log4j.appender.out", "org.apache.log4j.ConsoleAppender"),
            ("log4j.appender.out.layout", "org.apache.log4j.PatternLayout"),
            ("log4j.appender.out.layout.ConversionPattern", "%d{ISO8601} %p %m (%c{1})%n"),
            // Both tell of every node and every client otherwise.
            ("log4j.logger.org.apache.zookeeper", "WARN"),
            ("log4j.logger.org.I0Itec.zkclient", "WARN"),
        ]);
        Write(JavaServer.ConfigurationOf(ZooKeeper, Directory),
        [
            ("dataDir", ZooKeeperData),
            ("clientPort", Text(zooKeeperPort)),
            ("clientPortAddress", "127.0.0.1"),
            ("tickTime", "500"),
            ("maxClientCnxns", "0"),
            ("autopurge.purgeInterval", "24"),
        ]);
        Write(JavaServer.ConfigurationOf(Kafka, Directory),
        [
            ("broker.id", "0"),
            ("listeners", $"PLAINTEXT://127.0.0.1:{Text(port)}"),
            ("log.dirs", Data),
            ("zookeeper.connect", $"127.0.0.1:{Text(zooKeeperPort)}"),
            // Long enough for a busy machine; after a kill the start does not wait for it.
            ("zookeeper.session.timeout.ms", "6000"),
            // This version cannot be asked to create a topic: asking for its metadata does.
            ("auto.create.topics.enable", "true"),
            ("num.partitions", "12"),
            ("default.replication.factor", "1"),
            ("offsets.topic.num.partitions", "4"),
            ("offsets.topic.replication.factor", "1"),
            ("group.min.session.timeout.ms", "1000"),
            ("group.max.session.timeout.ms", "60000"),
            ("message.max.bytes", "1048588"),
            ("replica.fetch.max.bytes", "1048588"),
            ("log.retention.hours", Text(24 * Checkout.BrokerRetentionDays)),
            // By the day, so that records live no more than a day longer than they must.
            ("log.roll.hours", "24"),
            // Positions outlive the records; this version would forget them after a day without a commit.
            ("offsets.retention.minutes", Text(2 * 24 * 60 * Checkout.BrokerRetentionDays)),
            // Each partition reserves its index up front; these suit a small heap and many partitions.
            ("log.segment.bytes", "134217728"),
            ("log.index.size.max.bytes", "1048576"),
            ("log.cleaner.dedupe.buffer.size", "8388608"),
            ("num.network.threads", "2"),
            ("num.io.threads", "4"),
            // There is no other broker that could take over.
            ("controlled.shutdown.enable", "false"),
            ("auto.leader.rebalance.enable", "false"),
        ]);
    }

    private string ZooKeeperData => Path.Combine(Directory, "zookeeper");

    private static void Write(string path, IEnumerable<(string Name, string Value)> settings) =>
        // A backslash would start an escape in this format.
        TextFiles.Replace(path, string.Concat(settings.Select(setting => $"{setting.Name}={setting.Value.Replace("\\", "\\\\", StringComparison.Ordinal)}\n")));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
