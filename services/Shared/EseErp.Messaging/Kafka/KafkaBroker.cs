using System.Collections.Concurrent;
using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace EseErp.Messaging.Kafka;

/// <summary>Apache Kafka, from 0.9 on, for everything beyond one machine. Needs nothing of a record but key and value.</summary>
/// <remarks>Disposing it cuts off the members it has in groups, as the end of the process would: they leave only if disposed before.</remarks>
public sealed partial class KafkaBroker : IBroker, IAsyncDisposable
{
    /// <summary>For one answer of the cluster about topics and positions.</summary>
    internal static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    /// <summary>For the ends of partitions, whatever is down.</summary>
    internal static readonly TimeSpan EndsLimit = TimeSpan.FromSeconds(1.5);

    /// <summary>Until a batch is acknowledged; then it counts as failed and is published again.</summary>
    private static readonly TimeSpan PublishLimit = TimeSpan.FromSeconds(30);

    /// <summary>How often a lost connection is told of.</summary>
    private static readonly TimeSpan NewsEvery = TimeSpan.FromSeconds(5);

    private readonly KafkaSettings _settings;
    private readonly ILoggerFactory _logs;
    private readonly ILogger<KafkaBroker> _log;
    private readonly ConcurrentDictionary<string, int> _partitions = new();
    private readonly ConcurrentDictionary<KafkaGroupConsumer, bool> _members = new();
    private readonly ConcurrentDictionary<string, long> _told = new();
    private readonly Lock _lock = new();
    private readonly Lazy<IAdminClient> _admin;

    // Belongs to no group: it only looks.
    private readonly Lazy<IConsumer<byte[], byte[]>> _watcher;
    private readonly KafkaEnds _ends;
    private bool _disposed;

    internal KafkaProducer Producer { get; }

    public KafkaBroker(KafkaSettings settings, ILoggerFactory logs)
    {
        (_settings, _logs, _log) = (settings, logs, logs.CreateLogger<KafkaBroker>());
        _admin = new Lazy<IAdminClient>(() => new AdminClientBuilder(_settings.Client()).SetLogHandler((_, message) => Log(message)).Build());
        Producer = new KafkaProducer(() => new ProducerBuilder<byte[], byte[]>(_settings.Producer()).SetLogHandler((_, message) => Log(message)).Build());
        // Any name does: it joins no group.
        _watcher = new Lazy<IConsumer<byte[], byte[]>>(() =>
            new ConsumerBuilder<byte[], byte[]>(_settings.Consumer("nobody")).SetLogHandler((_, message) => Log(message)).Build());
        _ends = new KafkaEnds(_settings.ListsOffsets, _admin, _watcher);
    }

    public async Task CreateTopics(IReadOnlyCollection<string> topics, int partitions, CancellationToken cancellationToken)
    {
        var missing = topics.Except((await Topics(led: false, cancellationToken)).Keys).ToList();
        if (missing.Count > 0) await Create(missing, partitions, cancellationToken);
        // Known to one broker is not yet led by one.
        for (var pause = 50; ; pause = Math.Min(pause * 2, 1000))
        {
            var known = await Topics(led: true, cancellationToken);
            missing = topics.Except(known.Keys).ToList();
            if (missing.Count == 0) return;
            LogWaiting(string.Join(", ", missing));
            await Task.Delay(pause, cancellationToken);
        }
    }

    public async Task Publish(string topic, IReadOnlyList<OutgoingRecord> records, CancellationToken cancellationToken)
    {
        if (records.Count == 0) return;
        foreach (var record in records) BrokerLimits.Check(record.Key, record.Value);
        var partitions = await PartitionsOf(topic, cancellationToken);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = records.Count;
        foreach (var record in records)
            Producer.Produce(topic, Partitioner.PartitionOf(record.Key, partitions), record.Key, record.Value, failure =>
            {
                if (failure is not null) done.TrySetException(failure);
                else if (Interlocked.Decrement(ref left) == 0) done.TrySetResult();
            });
        try
        {
            await done.Task.WaitAsync(PublishLimit, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Kafka did not acknowledge {records.Count} records of {topic} within {PublishLimit.TotalSeconds} s.");
        }
    }

    public async Task<ILogPublisher> OpenPublisher(string producer, IPublishedPosition position, CancellationToken cancellationToken) =>
        await KafkaLogPublisher.Open(this, producer, position, _logs.CreateLogger<KafkaLogPublisher>(), cancellationToken);

    public async Task<IGroupConsumer> Join(
        string group, IReadOnlyCollection<string> topics, ConsumeOptions options, IGroupOffsets offsets, CancellationToken cancellationToken)
    {
        var lanes = 0;
        foreach (var topic in topics) lanes = Math.Max(lanes, await PartitionsOf(topic, cancellationToken));
        var member = new KafkaGroupConsumer(this, _settings.Consumer(group), topics, lanes, options, offsets, _logs.CreateLogger<KafkaGroupConsumer>());
        _members[member] = true;
        return member;
    }

    public async Task<IReadOnlyList<PartitionEnds>> Ends(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        try
        {
            await Hear(topics, cancellationToken).WaitAsync(EndsLimit * 1.2, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException || IsOutage(exception))
        {
            // What was heard before has to do.
        }

        return topics.Order(StringComparer.Ordinal)
            .SelectMany(topic => Enumerable.Range(0, _partitions.GetValueOrDefault(topic)).Select(partition => new TopicPartition(topic, partition)))
            .Select(partition => (Partition: partition, End: _ends.LastHeard(partition)))
            .Where(heard => heard.End is not null)
            .Select(heard => new PartitionEnds(heard.Partition.Topic, heard.Partition.Partition.Value, heard.End!.Value.Oldest, heard.End.Value.Next, heard.End.Value.SeenAt))
            .ToList();
    }

    public async Task<IReadOnlyList<PartitionEnds>> EndsNow(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        (await AllEnds(topics, cancellationToken)).Select(end => new PartitionEnds(end.Key.Topic, end.Key.Partition.Value, end.Value.Oldest, end.Value.Next, end.Value.SeenAt)).ToList();

    public async Task<IReadOnlyDictionary<string, int>> Partitions(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        var partitions = new Dictionary<string, int>();
        foreach (var topic in topics) partitions[topic] = await PartitionsOf(topic, cancellationToken);
        return partitions;
    }

    public Task<bool> HasMembers(string group, CancellationToken cancellationToken) =>
        Task.Run(() => _admin.Value.ListGroup(group, AnswerLimit)?.Members.Count > 0, cancellationToken);

    /// <summary>The members do that themselves.</summary>
    public Task NoteOffsets(string group, IReadOnlyCollection<OffsetMove> offsets, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Ping(CancellationToken cancellationToken) => Task.Run(() => _admin.Value.GetMetadata(EndsLimit), cancellationToken);

    /// <summary>Kafka does that by itself, as the topic's settings say.</summary>
    public Task ApplyRetention(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<bool> HoldsRecordsBefore(DateTimeOffset time, IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        var held = (await AllEnds(topics, cancellationToken)).Where(end => end.Value.Oldest < end.Value.Next).ToDictionary();
        // Before 0.10 records have no time: then there may be old ones as long as there are any.
        if (!_settings.KnowsTimes || held.Count == 0) return held.Count > 0;
        return await Task.Run(() =>
        {
            var since = new Timestamp(time.UtcDateTime);
            var firstSince = _watcher.Value.OffsetsForTimes(held.Keys.Select(partition => new TopicPartitionTimestamp(partition, since)), AnswerLimit);
            // No record since then: all that are held are older.
            return firstSince.Any(first => first.Offset.IsSpecial || first.Offset.Value > held[first.TopicPartition].Oldest);
        }, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
        }

        await Task.WhenAll(_members.Keys.Select(member => member.CutOff()));
        await Task.Run(() =>
        {
            Producer.Dispose();
            if (_watcher.IsValueCreated) _watcher.Value.Dispose();
            if (_admin.IsValueCreated) _admin.Value.Dispose();
        });
    }

    /// <summary>Whether the cluster, or a part of it, is down for now: waiting helps.</summary>
    internal static bool IsOutage(Exception exception) => exception switch
    {
        TopicPartitionOffsetException partly => partly.Results.Any(result => IsOutage(result.Error.Code)),
        CreateTopicsException partly => partly.Results.Any(result => IsOutage(result.Error.Code)),
        KafkaException kafka => IsOutage(kafka.Error.Code),
        _ => false,
    };

    internal static bool IsOutage(ErrorCode code) => code is
        // The client found nobody, or nobody answered it.
        ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Transport or ErrorCode.Local_Resolve or ErrorCode.Local_DestroyBroker
        or ErrorCode.Local_TimedOut or ErrorCode.Local_TimedOutQueue or ErrorCode.Local_MsgTimedOut or ErrorCode.Local_WaitCoord
        or ErrorCode.Local_WaitCache or ErrorCode.Local_Retry or ErrorCode.Local_QueueFull or ErrorCode.Local_IsrInsuff
        // A broker answered that it, or another one, cannot now.
        or ErrorCode.LeaderNotAvailable or ErrorCode.NotLeaderForPartition or ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch
        or ErrorCode.PreferredLeaderNotAvailable or ErrorCode.EligibleLeadersNotAvailable or ErrorCode.ReplicaNotAvailable
        or ErrorCode.OffsetNotAvailable or ErrorCode.UnstableOffsetCommit or ErrorCode.KafkaStorageError
        or ErrorCode.NotEnoughReplicas or ErrorCode.NotEnoughReplicasAfterAppend
        or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.NotCoordinatorForGroup or ErrorCode.GroupLoadInProgress
        or ErrorCode.NotController or ErrorCode.StaleBrokerEpoch or ErrorCode.RebootstrapRequired
        or ErrorCode.RequestTimedOut or ErrorCode.NetworkException or ErrorCode.BrokerNotAvailable or ErrorCode.ThrottlingQuotaExceeded;

    internal void Left(KafkaGroupConsumer member) => _members.TryRemove(member, out _);

    /// <summary>librdkafka's own log: lost connections and refused log-ins are told there.</summary>
    internal void Log(LogMessage message)
    {
        var level = message.Level switch
        {
            // About settings that one kind of client knows and another ignores.
            _ when message.Facility == "CONFWARN" => LogLevel.Debug,
            // Every client tells of every try to connect.
            _ when message.Facility is "FAIL" or "ERROR" && !IsNews(message.Facility) => LogLevel.Debug,
            <= SyslogLevel.Warning => LogLevel.Warning,
            <= SyslogLevel.Info => LogLevel.Information,
            _ => LogLevel.Debug,
        };
        LogClient(level, message.Facility, message.Message);
    }

    private bool IsNews(string facility)
    {
        var now = Environment.TickCount64;
        if (_told.TryGetValue(facility, out var time) && now - time < NewsEvery.TotalMilliseconds) return false;
        _told[facility] = now;
        return true;
    }

    private async Task Create(List<string> topics, int partitions, CancellationToken cancellationToken)
    {
        if (!_settings.CreatesTopics)
        {
            // Asking an old broker for a topic by name has it create the topic, with the broker's own defaults.
            LogCreatedByName(partitions);
            await Task.Run(() =>
            {
                foreach (var topic in topics) _admin.Value.GetMetadata(topic, AnswerLimit);
            }, cancellationToken);
            return;
        }

        var brokers = (await Task.Run(() => _admin.Value.GetMetadata(AnswerLimit), cancellationToken)).Brokers.Count;
        var replication = _settings.Replication ?? (short)Math.Clamp(brokers, 1, 3);
        try
        {
            await _admin.Value.CreateTopicsAsync(topics.Select(topic => new TopicSpecification
            {
                Name = topic,
                NumPartitions = partitions,
                ReplicationFactor = replication,
                Configs = new Dictionary<string, string>
                {
                    // By the day, so that records live no more than a day longer than they must.
                    ["retention.ms"] = $"{(long)_settings.Retention.TotalMilliseconds}",
                    ["segment.ms"] = $"{(long)TimeSpan.FromDays(1).TotalMilliseconds}",
                    // The broker's clock, for how old what it holds is.
                    ["message.timestamp.type"] = "LogAppendTime",
                    ["max.message.bytes"] = $"{KafkaSettings.MaxMessageBytes}",
                    // With three copies one may be away and writing goes on; what is acknowledged is on two.
                    ["min.insync.replicas"] = replication > 2 ? "2" : "1",
                },
            }));
        }
        catch (CreateTopicsException exception) when (exception.Results.All(result => result.Error.Code is ErrorCode.NoError or ErrorCode.TopicAlreadyExists))
        {
        }
    }

    /// <summary>Every topic with the number of its partitions.</summary>
    /// <param name="led">Only those all of whose partitions have a leader.</param>
    private async Task<Dictionary<string, int>> Topics(bool led, CancellationToken cancellationToken, TimeSpan? limit = null)
    {
        var metadata = await Task.Run(() => _admin.Value.GetMetadata(limit ?? AnswerLimit), cancellationToken);
        return metadata.Topics
            .Where(topic => !topic.Error.IsError && topic.Partitions.Count > 0 && (!led || topic.Partitions.All(partition => partition.Leader >= 0)))
            .ToDictionary(topic => topic.Topic, topic => topic.Partitions.Count);
    }

    // Remembered for good: adding partitions would move keys to other ones, and with that lose their order.
    internal async Task<int> PartitionsOf(string topic, CancellationToken cancellationToken, TimeSpan? limit = null)
    {
        if (_partitions.TryGetValue(topic, out var known)) return known;
        return (await Topics(led: false, cancellationToken, limit)).TryGetValue(topic, out var count)
            ? _partitions[topic] = count
            : throw new InvalidOperationException($"Topic {topic} does not exist.");
    }

    // Brings what is remembered up to date, as far as the cluster answers within the limit.
    private async Task Hear(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var all = await All(topics, EndsLimit, cancellationToken);
        var left = EndsLimit - clock.Elapsed;
        if (left <= TimeSpan.Zero) throw new TimeoutException("Kafka did not say which partitions there are.");
        await _ends.Ask(all, left);
    }

    private async Task<List<TopicPartition>> All(IReadOnlyCollection<string> topics, TimeSpan limit, CancellationToken cancellationToken)
    {
        var all = new List<TopicPartition>();
        foreach (var topic in topics.Order(StringComparer.Ordinal))
            all.AddRange(Enumerable.Range(0, await PartitionsOf(topic, cancellationToken, limit)).Select(partition => new TopicPartition(topic, partition)));
        return all;
    }

    // Of every partition, as it is now.
    private async Task<Dictionary<TopicPartition, KafkaEnd>> AllEnds(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        var all = await All(topics, AnswerLimit, cancellationToken);
        var ends = await _ends.Ask(all, AnswerLimit).WaitAsync(cancellationToken);
        return ends.Count == all.Count ? ends : throw new TimeoutException($"Kafka did not say within {AnswerLimit.TotalSeconds} s where {string.Join(", ", all.Except(ends.Keys))} begin and end.");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for topics {Topics}")]
    private partial void LogWaiting(string topics);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This broker creates topics itself, with its own num.partitions; {Partitions} partitions are needed")]
    private partial void LogCreatedByName(int partitions);

    [LoggerMessage(Message = "Kafka {Facility}: {Text}")]
    private partial void LogClient(LogLevel level, string facility, string text);
}
