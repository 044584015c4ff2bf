using Microsoft.Extensions.Configuration;

namespace EseErp.Messaging.Kafka;

/// <summary>
/// How to reach a cluster, from configuration and so from environment variables:
/// <list type="bullet">
/// <item><c>KAFKA_BOOTSTRAP_SERVERS</c>: host:port, several separated by commas. Required.</item>
/// <item><c>KAFKA_SECURITY_…</c>, <c>KAFKA_SASL_…</c>, <c>KAFKA_SSL_…</c>: librdkafka's property of that name, so
/// <c>KAFKA_SASL_USERNAME</c> is <c>sasl.username</c>.</item>
/// <item><c>Ese:Kafka:&lt;property&gt;</c>: any other property of librdkafka, by its own name. What the delivery guarantees rest
/// on (acks, idempotence, commits, where a new group starts) is set by the engine and cannot be changed.</item>
/// <item><c>KAFKA_BROKER_VERSION</c>: only for brokers before 0.11, which cannot do all that later ones can; such as
/// <c>0.9.0.1</c>.</item>
/// </list>
/// </summary>
public sealed class KafkaSettings
{
    /// <summary>Broker, topic and clients agree on it; a little above <see cref="BrokerLimits.MostValueBytes"/> for key and framing.</summary>
    internal const int MaxMessageBytes = 1_048_588;

    private static readonly string[] PassedPrefixes = ["KAFKA_SECURITY_", "KAFKA_SASL_", "KAFKA_SSL_"];
    private static readonly Version FirstIdempotent = new(0, 11);
    private static readonly Version FirstToCreateTopics = new(0, 10, 1);
    private static readonly Version FirstWithTimes = new(0, 10, 1);

    private readonly Dictionary<string, string> _client;
    private readonly Version? _brokerVersion;

    /// <param name="client">librdkafka's properties by name; <c>bootstrap.servers</c> among them.</param>
    /// <param name="brokerVersion">For brokers before 0.11 only.</param>
    /// <param name="replication">Copies of each partition of a new topic; null: three, or as many as there are brokers.</param>
    /// <param name="retention">How long a new topic keeps a record; null: 7 days.</param>
    public KafkaSettings(
        IReadOnlyDictionary<string, string> client, Version? brokerVersion = null, short? replication = null, TimeSpan? retention = null)
    {
        Retention = retention ?? new MessagingOptions().BrokerRetention;
        _client = new Dictionary<string, string>(client, StringComparer.Ordinal);
        _brokerVersion = brokerVersion;
        Replication = replication;
    }

    /// <summary>Copies of each partition of a new topic; null: three, or as many as there are brokers.</summary>
    public short? Replication { get; }

    /// <summary>Whether the cluster can be asked to create a topic.</summary>
    internal bool CreatesTopics => _brokerVersion is null || _brokerVersion >= FirstToCreateTopics;

    /// <summary>How long a new topic keeps a record.</summary>
    internal TimeSpan Retention { get; }

    /// <summary>Whether the cluster can be asked where many partitions begin and end at once.</summary>
    internal bool ListsOffsets => KnowsTimes;

    /// <summary>Whether the cluster can be asked for the records since a time.</summary>
    internal bool KnowsTimes => _brokerVersion is null || _brokerVersion >= FirstWithTimes;

    /// <exception cref="InvalidOperationException">A setting is missing or is not understood.</exception>
    public static KafkaSettings Read(IConfiguration configuration, TimeSpan? retention = null)
    {
        var servers = configuration["KAFKA_BOOTSTRAP_SERVERS"] is { Length: > 0 } named
            ? named
            : throw new InvalidOperationException("Ese:Broker is kafka, but KAFKA_BOOTSTRAP_SERVERS is not set (host:port, several separated by commas).");
        var client = new Dictionary<string, string>();
        foreach (var setting in configuration.GetSection("Ese:Kafka").GetChildren())
            if (setting.Value is { } value && !setting.Key.Equals(nameof(Replication), StringComparison.OrdinalIgnoreCase)) client[setting.Key] = value;
        foreach (var (name, value) in configuration.AsEnumerable())
            if (!string.IsNullOrEmpty(value) && PassedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
                client[name["KAFKA_".Length..].Replace('_', '.').ToLowerInvariant()] = value;
        client["bootstrap.servers"] = servers;
        return new KafkaSettings(client, BrokerVersion(configuration["KAFKA_BROKER_VERSION"]), ReplicationOf(configuration["Ese:Kafka:Replication"]), retention);
    }

    private static Version? BrokerVersion(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : Version.TryParse(text, out var version) ? version
        : throw new InvalidOperationException($"KAFKA_BROKER_VERSION must be a version such as 0.9.0.1, not '{text}'.");

    private static short? ReplicationOf(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : short.TryParse(text, out var copies) && copies is >= 1 and <= 32 ? copies
        : throw new InvalidOperationException($"Ese:Kafka:Replication must be a number from 1 to 32, not '{text}'.");

    /// <summary>An event is acknowledged by all replicas in sync, and a retry neither repeats nor overtakes.</summary>
    internal Dictionary<string, string> Producer()
    {
        var idempotent = _brokerVersion is null || _brokerVersion >= FirstIdempotent;
        var settings = new Dictionary<string, string>(Client())
        {
            ["acks"] = "all",
            ["enable.idempotence"] = idempotent ? "true" : "false",
            // The relay decides how long it waits; a record given up by itself would let those behind it overtake.
            ["message.timeout.ms"] = "0",
        };
        if (idempotent)
        {
            settings["enable.gapless.guarantee"] = "true";
            // Below the socket's limit: until the leader says that the other copies lag, and the client asks again.
            settings.TryAdd("request.timeout.ms", "5000");
        }
        else
        {
            settings["max.in.flight.requests.per.connection"] = "1";
            // A request that is given up too early is sent twice, and nobody notices that its records were taken twice.
            if (!_client.ContainsKey("socket.timeout.ms")) settings["socket.timeout.ms"] = "60000";
        }

        settings.TryAdd("linger.ms", "1");
        return settings;
    }

    /// <summary>A member of a group; or, when it does not subscribe, somebody who only looks.</summary>
    internal Dictionary<string, string> Consumer(string group)
    {
        var settings = new Dictionary<string, string>(Client())
        {
            ["group.id"] = group,
            // Only for the cluster's tools: the client tells it now and then what it was told to tell. The group's offsets are its own.
            ["enable.auto.commit"] = "true",
            ["enable.auto.offset.store"] = "false",
            ["auto.offset.reset"] = "earliest",
        };
        settings.TryAdd("partition.assignment.strategy", "cooperative-sticky");
        // After an outage that was longer than this the member joins anew, and the cluster has it wait until its own former self, known from
        // before the outage, has timed out. So this bounds how long a group stands still when its broker is back. Brokers take no less.
        settings.TryAdd("session.timeout.ms", "6000");
        settings.TryAdd("heartbeat.interval.ms", "1000");
        // Until a partition is fetched again for which enough was waiting here; 1 s by default.
        settings.TryAdd("fetch.queue.backoff.ms", "20");
        // A partition that was paused is fetched again with the next request, so a request must not wait long for others.
        settings.TryAdd("fetch.wait.max.ms", "100");
        // What a busy member fetches ahead stays small: its lanes hold the rest back.
        settings.TryAdd("queued.min.messages", "1000");
        settings.TryAdd("queued.max.messages.kbytes", "16384");
        return settings;
    }

    internal Dictionary<string, string> Client()
    {
        var settings = new Dictionary<string, string>(_client) { ["message.max.bytes"] = $"{MaxMessageBytes}" };
        settings.TryAdd("client.id", "ese-erp");
        settings.TryAdd("socket.keepalive.enable", "true");
        settings.TryAdd("socket.nagle.disable", "true");
        // These bound how long a client stays away from a cluster that is back: the longest pause before it connects again (10 s by
        // default), until a connection counts as failed that is not answered (30 s) or whose other end is not ready (10 s), until a request
        // is given up whose connection died without a word (60 s), and until it asks again for topics, brokers and leaders it was told
        // nothing of (300 s).
        settings.TryAdd("reconnect.backoff.max.ms", "1000");
        // With no broker left librdkafka starts over from the bootstrap servers, at twice this rate: with the default, 20 times a second.
        settings.TryAdd("reconnect.backoff.ms", "500");
        settings.TryAdd("socket.connection.setup.timeout.ms", "3000");
        settings.TryAdd("api.version.request.timeout.ms", "3000");
        settings.TryAdd("socket.timeout.ms", "6000");
        settings.TryAdd("topic.metadata.refresh.interval.ms", "5000");
        // What is known of a topic is kept over an outage; else it would be three times the refresh interval.
        settings.TryAdd("metadata.max.age.ms", "900000");
        if (_brokerVersion is not null)
        {
            settings["api.version.request"] = "false";
            settings["broker.version.fallback"] = _brokerVersion.ToString();
        }

        return settings;
    }
}
