using System.Collections.Concurrent;
using System.Text;
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

    /// <summary>Until a batch is acknowledged; then it counts as failed and is published again.</summary>
    private static readonly TimeSpan PublishLimit = TimeSpan.FromSeconds(30);

    /// <summary>For a native client to end.</summary>
    internal static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    private readonly KafkaSettings _settings;
    private readonly ILoggerFactory _logs;
    private readonly ILogger<KafkaBroker> _log;
    private readonly ConcurrentDictionary<string, int> _partitions = new();
    private readonly ConcurrentDictionary<string, IConsumer<byte[], byte[]>> _watchers = new();
    private readonly ConcurrentDictionary<(string Group, string Topic, int Partition), DateTimeOffset> _lastCommits = new();
    private readonly ConcurrentDictionary<KafkaGroupConsumer, bool> _members = new();
    private readonly Lock _lock = new();
    private readonly Lazy<IAdminClient> _admin;
    // One for each topic: a batch that fails takes its producer with it, and must not take another topic's batch along.
    private readonly Dictionary<string, IProducer<byte[], byte[]>> _producers = [];
    private bool _disposed;

    public KafkaBroker(KafkaSettings settings, ILoggerFactory logs)
    {
        (_settings, _logs, _log) = (settings, logs, logs.CreateLogger<KafkaBroker>());
        _admin = new Lazy<IAdminClient>(() => new AdminClientBuilder(_settings.Client()).SetLogHandler((_, message) => Log(message)).Build());
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
        BrokerLimits.Check(records);
        var partitions = await PartitionsOf(topic, cancellationToken);
        var producer = Producer(topic);
        var acknowledged = new Acknowledgement(records.Count);
        try
        {
            foreach (var record in records)
                producer.Produce(
                    new TopicPartition(topic, Partitioner.PartitionOf(record.Key, partitions)),
                    new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(record.Key), Value = record.Value },
                    acknowledged.Report);
            await acknowledged.Task.WaitAsync(PublishLimit, cancellationToken);
        }
        catch (Exception exception)
        {
            // What is still queued must not go out behind the caller's back, after records that come later.
            Discard(topic, producer);
            if (exception is TimeoutException)
                throw new TimeoutException($"Kafka did not acknowledge {records.Count} records of {topic} within {PublishLimit.TotalSeconds} s.");
            throw;
        }
    }

    public async Task<IGroupConsumer> Join(
        string group, IReadOnlyCollection<string> topics, ConsumeOptions options, CancellationToken cancellationToken)
    {
        var lanes = 0;
        foreach (var topic in topics) lanes = Math.Max(lanes, await PartitionsOf(topic, cancellationToken));
        var member = new KafkaGroupConsumer(this, _settings.Consumer(group), group, topics, lanes, options, _logs.CreateLogger<KafkaGroupConsumer>());
        _members[member] = true;
        return member;
    }

    public async Task<IReadOnlyList<GroupPosition>> Positions(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        var all = await All(topics, cancellationToken);
        return await Task.Run(() =>
        {
            var watcher = Watcher(group);
            var committed = watcher.Committed(all, AnswerLimit).ToDictionary(position => position.TopicPartition, position => position.Offset);
            var ends = Ends(watcher, all);
            return all.Select(partition =>
            {
                var (low, high) = ends[partition];
                var next = committed[partition] is { IsSpecial: false } offset ? Math.Max(offset.Value, low) : low;
                return new GroupPosition(
                    group, partition.Topic, partition.Partition.Value, next, high,
                    _lastCommits.TryGetValue((group, partition.Topic, partition.Partition.Value), out var time) ? time : null);
            }).ToList();
        }, cancellationToken);
    }

    public async Task SeekToBeginning(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        var all = await All(topics, cancellationToken);
        await Task.Run(() =>
        {
            var watcher = Watcher(group);
            try
            {
                watcher.Commit(Ends(watcher, all).Select(end => new TopicPartitionOffset(end.Key, end.Value.Low)));
            }
            catch (KafkaException exception) when (KafkaGroupConsumer.IsNotMine(exception))
            {
                // The cluster takes a commit from outside the group only while the group has no member.
                throw new GroupInUseException(group);
            }
        }, cancellationToken);
    }

    /// <summary>Kafka does that by itself, as the topic's settings say.</summary>
    public Task ApplyRetention(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<bool> HoldsRecordsBefore(DateTimeOffset time, IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        var all = await All(topics, cancellationToken);
        return await Task.Run(() =>
        {
            // Any name does: it joins no group.
            var watcher = Watcher("nobody");
            var held = Ends(watcher, all).Where(end => end.Value.Low < end.Value.High).ToDictionary();
            // Before 0.10 records have no time: then there may be old ones as long as there are any.
            if (!_settings.KnowsTimes || held.Count == 0) return held.Count > 0;
            var firstSince = watcher.OffsetsForTimes(held.Keys.Select(partition => new TopicPartitionTimestamp(partition, new Timestamp(time.UtcDateTime))), AnswerLimit);
            // No record since then: all that are held are older.
            return firstSince.Any(since => since.Offset.IsSpecial || since.Offset.Value > held[since.TopicPartition].Low);
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
            lock (_lock)
                foreach (var producer in _producers.Values) End(producer);
            foreach (var watcher in _watchers.Values) End(watcher);
            if (_admin.IsValueCreated) End(_admin.Value);
        });
    }

    /// <summary>
    /// Ends a native client. After a restart of the broker librdkafka 2.0.2 has been seen to wait for one of its own threads for
    /// ever: such a client is left to the end of the process.
    /// </summary>
    internal void End(IDisposable client)
    {
        if (!HasEnded(client.Dispose, EndLimit)) LogLeftBehind(EndLimit.TotalSeconds);
    }

    internal static bool HasEnded(Action end, TimeSpan limit) =>
        Task.Factory.StartNew(end, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Wait(limit);

    internal void Committed(string group, IEnumerable<TopicPartitionOffset> offsets)
    {
        var now = DateTimeOffset.UtcNow;
        foreach (var offset in offsets) _lastCommits[(group, offset.Topic, offset.Partition.Value)] = now;
    }

    /// <summary>Whether the cluster, or a part of it, is away for now: waiting helps.</summary>
    internal static bool IsOutage(Exception exception) => exception is KafkaException
    {
        Error.Code: ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Transport or ErrorCode.Local_TimedOut or ErrorCode.Local_MsgTimedOut
            or ErrorCode.Local_Resolve or ErrorCode.Local_WaitCoord or ErrorCode.LeaderNotAvailable or ErrorCode.NotLeaderForPartition
            or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.NotCoordinatorForGroup or ErrorCode.GroupLoadInProgress
            or ErrorCode.RequestTimedOut or ErrorCode.NetworkException or ErrorCode.BrokerNotAvailable,
    };

    internal void Left(KafkaGroupConsumer member) => _members.TryRemove(member, out _);

    /// <summary>librdkafka's own log: lost connections and refused log-ins are told there.</summary>
    internal void Log(LogMessage message)
    {
        var level = message.Level switch
        {
            // About settings that one kind of client knows and another ignores.
            _ when message.Facility == "CONFWARN" => LogLevel.Debug,
            <= SyslogLevel.Warning => LogLevel.Warning,
            <= SyslogLevel.Info => LogLevel.Information,
            _ => LogLevel.Debug,
        };
        LogClient(level, message.Facility, message.Message);
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
    private async Task<Dictionary<string, int>> Topics(bool led, CancellationToken cancellationToken)
    {
        var metadata = await Task.Run(() => _admin.Value.GetMetadata(AnswerLimit), cancellationToken);
        return metadata.Topics
            .Where(topic => !topic.Error.IsError && topic.Partitions.Count > 0 && (!led || topic.Partitions.All(partition => partition.Leader >= 0)))
            .ToDictionary(topic => topic.Topic, topic => topic.Partitions.Count);
    }

    // Remembered for good: adding partitions would move keys to other ones, and with that lose their order.
    private async Task<int> PartitionsOf(string topic, CancellationToken cancellationToken)
    {
        if (_partitions.TryGetValue(topic, out var known)) return known;
        return (await Topics(led: false, cancellationToken)).TryGetValue(topic, out var count)
            ? _partitions[topic] = count
            : throw new InvalidOperationException($"Topic {topic} does not exist.");
    }

    private async Task<List<TopicPartition>> All(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        var all = new List<TopicPartition>();
        foreach (var topic in topics.Order(StringComparer.Ordinal))
            all.AddRange(Enumerable.Range(0, await PartitionsOf(topic, cancellationToken)).Select(partition => new TopicPartition(topic, partition)));
        return all;
    }

    private static ConcurrentDictionary<TopicPartition, (long Low, long High)> Ends(IConsumer<byte[], byte[]> watcher, List<TopicPartition> partitions)
    {
        var ends = new ConcurrentDictionary<TopicPartition, (long, long)>();
        Parallel.ForEach(partitions, new ParallelOptions { MaxDegreeOfParallelism = 8 }, partition =>
        {
            var offsets = watcher.QueryWatermarkOffsets(partition, AnswerLimit);
            ends[partition] = (offsets.Low.Value, offsets.High.Value);
        });
        return ends;
    }

    // Belongs to no member: it only looks, and moves positions while nobody is there.
    private IConsumer<byte[], byte[]> Watcher(string group)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _watchers.GetOrAdd(group, _ =>
                new ConsumerBuilder<byte[], byte[]>(_settings.Consumer(group)).SetLogHandler((_, message) => Log(message)).Build());
        }
    }

    private IProducer<byte[], byte[]> Producer(string topic)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_producers.TryGetValue(topic, out var producer))
                _producers[topic] = producer = new ProducerBuilder<byte[], byte[]>(_settings.Producer()).SetLogHandler((_, message) => Log(message)).Build();
            return producer;
        }
    }

    private void Discard(string topic, IProducer<byte[], byte[]> producer)
    {
        lock (_lock)
            if (_producers.GetValueOrDefault(topic) != producer || !_producers.Remove(topic)) return;
        // Ending it waits for its threads; the caller need not.
        _ = Task.Run(producer.Dispose);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A client of Kafka did not end within {Seconds} s and is left behind")]
    internal partial void LogLeftBehind(double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for topics {Topics}")]
    private partial void LogWaiting(string topics);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This broker creates topics only by itself, with the partitions its own num.partitions says; {Partitions} are wanted")]
    private partial void LogCreatedByName(int partitions);

    [LoggerMessage(Message = "Kafka {Facility}: {Text}")]
    private partial void LogClient(LogLevel level, string facility, string text);

    /// <summary>Counts the records of a batch as the cluster acknowledges them; fails at the first that it did not take.</summary>
    private sealed class Acknowledgement(int records)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = records;

        public Task Task => _done.Task;

        public void Report(DeliveryReport<byte[], byte[]> report)
        {
            if (report.Error.IsError) _done.TrySetException(new KafkaException(report.Error));
            else if (Interlocked.Decrement(ref _left) == 0) _done.TrySetResult();
        }
    }
}
