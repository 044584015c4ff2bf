using EseErp.EventStore;
using Microsoft.Extensions.Logging;

namespace EseErp.Messaging.Kafka;

/// <summary>
/// Publishes an event log to Kafka. Records are handed over without waiting for each; the position follows what is acknowledged with
/// everything before it. A partition without a leader holds up its own records and the position, and nothing else until
/// <see cref="MostWaiting"/> events wait.
/// </summary>
internal sealed partial class KafkaLogPublisher : ILogPublisher
{
    private const int MostWaiting = 10_000;

    // A process that is killed publishes again what was acknowledged since.
    private static readonly TimeSpan NoteInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan NoteLimit = TimeSpan.FromSeconds(3);

    private readonly KafkaBroker _broker;
    private readonly string _producer;
    private readonly IPublishedPosition _position;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = [];
    private readonly EventLogSignal _acknowledgement = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _noting;
    private Exception? _failure;
    private long _acknowledged;
    private long _noted;

    private KafkaLogPublisher(KafkaBroker broker, string producer, IPublishedPosition position, long noted, ILogger log)
    {
        (_broker, _producer, _position, _acknowledged, _noted, _log) = (broker, producer, position, noted, noted, log);
        _noting = Task.Run(Note);
    }

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public static async Task<KafkaLogPublisher> Open(
        KafkaBroker broker, string producer, IPublishedPosition position, ILogger log, CancellationToken cancellationToken) =>
        new(broker, producer, position, await position.Read(cancellationToken), log);

    public async Task Publish(IReadOnlyList<LoggedRecord> records, CancellationToken cancellationToken)
    {
        foreach (var record in records) BrokerLimits.Check(record.Key, record.Value);
        while (true)
        {
            var acknowledged = _acknowledgement.Next();
            lock (_lock)
            {
                if (_failure is not null) throw _failure;
                if (_waiting.Count < MostWaiting) break;
            }

            await acknowledged.WaitAsync(cancellationToken);
        }

        // All are known before the first is handed over.
        var partitions = new Dictionary<string, int>();
        foreach (var topic in records.Select(record => record.Topic).Distinct()) partitions[topic] = await _broker.PartitionsOf(topic, cancellationToken);
        foreach (var record in records)
        {
            var partition = Partitioner.PartitionOf(record.Key, partitions[record.Topic]);
            var waiting = new Waiting(record.Position);
            lock (_lock) _waiting.Enqueue(waiting);
            _broker.Producer.Produce(record.Topic, partition, record.Key, record.Value, failure => Report(waiting, failure));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _noting;
        _stop.Dispose();
    }

    private void Report(Waiting waiting, Exception? failure)
    {
        lock (_lock)
        {
            _failure ??= failure;
            waiting.IsAcknowledged = failure is null;
            // What comes after something that is missing does not count yet.
            while (_waiting.TryPeek(out var first) && first.IsAcknowledged) Interlocked.Exchange(ref _acknowledged, _waiting.Dequeue().Position);
        }

        _acknowledgement.Set();
    }

    private async Task Note()
    {
        for (var last = false; !last;)
        {
            await Task.Delay(NoteInterval, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            last = _stop.IsCancellationRequested;
            if (Acknowledged is var acknowledged && acknowledged == _noted) continue;
            try
            {
                using var limit = new CancellationTokenSource(NoteLimit);
                await _position.Move(_noted, acknowledged, limit.Token);
                _noted = acknowledged;
            }
            catch (PublisherReplacedException exception)
            {
                lock (_lock) _failure ??= exception;
                _acknowledgement.Set();
                return;
            }
            catch (Exception exception)
            {
                LogNotNoted(_producer, exception.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The published position of {Producer} could not be stored: {Reason}")]
    private partial void LogNotNoted(string producer, string reason);

    private sealed class Waiting(long position)
    {
        public long Position { get; } = position;

        public bool IsAcknowledged { get; set; }
    }
}
