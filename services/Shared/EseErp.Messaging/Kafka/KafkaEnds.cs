using System.Collections.Concurrent;
using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace EseErp.Messaging.Kafka;

/// <summary>The first and the next offset of a topic partition, and when the cluster said so.</summary>
internal readonly record struct KafkaEnd(long Oldest, long Next, DateTimeOffset SeenAt);

/// <summary>Asks the cluster for the ends of partitions, and remembers what it said last.</summary>
internal sealed class KafkaEnds(bool listsOffsets, Lazy<IAdminClient> admin, Lazy<IConsumer<byte[], byte[]>> watcher)
{
    private const int MostAtOnce = 8;

    private readonly ConcurrentDictionary<TopicPartition, KafkaEnd> _heard = new();

    /// <summary>What was heard last; null for a partition that was never heard of.</summary>
    public KafkaEnd? LastHeard(TopicPartition partition) => _heard.TryGetValue(partition, out var end) ? end : null;

    /// <summary>Asks for no longer than the limit. A partition that did not answer is not in the result.</summary>
    public async Task<Dictionary<TopicPartition, KafkaEnd>> Ask(IReadOnlyCollection<TopicPartition> partitions, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        var led = await Task.Run(() => Led(partitions, limit));
        var left = limit - clock.Elapsed;
        if (led.Count == 0 || left <= TimeSpan.Zero) return [];
        var answers = listsOffsets ? await List(led, left) : await Task.Run(() => Query(led, left));
        foreach (var (partition, end) in answers) _heard[partition] = end;
        return answers;
    }

    // Whoever is asked for a partition that nobody leads gives no answer about the others before the time is over.
    private List<TopicPartition> Led(IEnumerable<TopicPartition> partitions, TimeSpan limit)
    {
        try
        {
            var led = admin.Value.GetMetadata(limit).Topics
                .SelectMany(topic => topic.Partitions.Where(partition => partition.Leader >= 0).Select(partition => new TopicPartition(topic.Topic, partition.PartitionId)))
                .ToHashSet();
            return partitions.Where(led.Contains).ToList();
        }
        catch (KafkaException)
        {
            return [];
        }
    }

    private async Task<Dictionary<TopicPartition, KafkaEnd>> List(List<TopicPartition> partitions, TimeSpan limit)
    {
        var both = await Task.WhenAll(List(partitions, OffsetSpec.Earliest(), limit), List(partitions, OffsetSpec.Latest(), limit));
        var (oldest, next, now) = (both[0], both[1], DateTimeOffset.UtcNow);
        return oldest.Where(end => next.ContainsKey(end.Key)).ToDictionary(end => end.Key, end => new KafkaEnd(end.Value, next[end.Key], now));
    }

    private async Task<Dictionary<TopicPartition, long>> List(List<TopicPartition> partitions, OffsetSpec which, TimeSpan limit)
    {
        try
        {
            var answer = await admin.Value.ListOffsetsAsync(
                partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = which }),
                new ListOffsetsOptions { RequestTimeout = limit, IsolationLevel = IsolationLevel.ReadUncommitted });
            return Answered(answer.ResultInfos);
        }
        catch (ListOffsetsException exception)
        {
            return Answered(exception.Result.ResultInfos);
        }
        catch (KafkaException)
        {
            return [];
        }
    }

    private static Dictionary<TopicPartition, long> Answered(IEnumerable<ListOffsetsResultInfo> answers) => answers
        .Select(answer => answer.TopicPartitionOffsetError)
        .Where(answer => !answer.Error.IsError && !answer.Offset.IsSpecial)
        .ToDictionary(answer => answer.TopicPartition, answer => answer.Offset.Value);

    // A broker before 0.10.1 is asked partition by partition.
    private Dictionary<TopicPartition, KafkaEnd> Query(List<TopicPartition> partitions, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        var consumer = watcher.Value;
        var answers = new ConcurrentDictionary<TopicPartition, KafkaEnd>();
        Parallel.ForEach(partitions, new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce }, partition =>
        {
            var left = limit - clock.Elapsed;
            if (left <= TimeSpan.Zero) return;
            try
            {
                var offsets = consumer.QueryWatermarkOffsets(partition, left);
                answers[partition] = new KafkaEnd(offsets.Low.Value, offsets.High.Value, DateTimeOffset.UtcNow);
            }
            catch (KafkaException)
            {
                // What was heard last stands.
            }
        });
        return answers.ToDictionary();
    }
}
