using System.Diagnostics;
using EseErp.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging;

/// <summary>
/// Takes batches from the broker and applies each in one transaction: inbox, state, new facts, and the group's offsets. Records that nobody
/// here consumes are passed over without one; their offsets are stored with a later batch, or soon.
/// </summary>
/// <remarks>
/// If a batch fails it is rolled back and applied in halves, until the events that fail are found. Each is parked (<see cref="Retries"/>) and
/// tried again after growing pauses, as its consumer's <see cref="RetryAttribute"/> says; then it becomes a dead letter, as a record that
/// cannot be read does at once. Later records of the same key wait behind it, and everything else continues. A failure that strikes
/// everything makes the group pause (<see cref="GroupTrouble"/>). An event that ends the process is found by its attempts, which are
/// counted in the database before they are made.
/// </remarks>
internal sealed partial class Pump(
    BatchApplication batches, EventApplication application, IBroker broker, GroupOffsets offsets, GroupPositions positions, BrokerTopics topics,
    Subscriptions subscriptions, PumpControl control, RetryLoop retryLoop, GroupTrouble trouble, MessagingMetrics metrics,
    IOptions<MessagingOptions> options, ILogger<Pump> log) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan StoreInterval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.GroupPaused = () => trouble.Paused is not null;
        await topics.Ready.WaitAsync(stoppingToken);
        var pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            var pausing = await control.Enter(stoppingToken);
            try
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, pausing);
                await Run(either.Token);
            }
            catch (OperationCanceledException) when (pausing.IsCancellationRequested)
            {
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogBrokerFailed(exception.Message);
                await Task.Delay(pause, stoppingToken);
                pause = Longer(pause);
            }
            finally
            {
                control.Leave();
            }
        }
    }

    private async Task Run(CancellationToken cancellationToken)
    {
        var consume = new ConsumeOptions
        {
            Workers = options.Value.Consume.Workers, BatchSize = options.Value.Consume.BatchSize, Gather = options.Value.Consume.Gather, Wants = application.Wants,
        };
        if (subscriptions.FromNewest.Count > 0) await offsets.BeginAtEnds(subscriptions.FromNewest, broker, cancellationToken);
        await using var consumer = await broker.Join(options.Value.Group, subscriptions.Topics.Keys.ToList(), consume, offsets, cancellationToken);
        positions.Member = consumer;
        try
        {
            await Task.WhenAll(Enumerable.Range(0, options.Value.Consume.Workers).Select(_ => Task.Run(() => Work(consumer, cancellationToken), cancellationToken))
                .Append(Task.Run(() => StoreWhatIsLeft(consumer, cancellationToken), cancellationToken))
                .Append(Task.Run(() => retryLoop.Run(cancellationToken), cancellationToken)));
        }
        finally
        {
            positions.Member = null;
        }
    }

    private async Task Work(IGroupConsumer consumer, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (true)
        {
            RecordBatch batch;
            try
            {
                batch = await consumer.Take(cancellationToken);
                pause = FirstPause;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogBrokerFailed(exception.Message);
                await Task.Delay(pause, cancellationToken);
                pause = Longer(pause);
                continue;
            }

            try
            {
                var started = Stopwatch.GetTimestamp();
                await batches.Apply(consumer, batch, cancellationToken);
                metrics.BatchDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
            }
            catch (Exception exception)
            {
                // The service is stopping: what was not committed is rolled back and comes again. Anything else must not end
                // this worker either, nor keep its lanes.
                if (GroupOffsets.WereElsewhere(exception)) consumer.LookUpAgain(batch);
                if (!cancellationToken.IsCancellationRequested && GroupTrouble.IsSystemic(exception))
                {
                    // What failed could not even be set aside. Said once, as it may last.
                    if (trouble.Pause(exception)) LogBatchNotApplied(batch.Records.Count, exception);
                    foreach (var lane in batch.Lanes) consumer.Release(batch with { Records = [], Lanes = [lane] }, trouble.PauseOf(lane));
                    continue;
                }

                consumer.Release(batch, FirstPause);
                if (cancellationToken.IsCancellationRequested) return;
                LogBatchNotApplied(batch.Records.Count, exception);
            }
        }
    }

    /// <summary>Stores the offsets of what was passed over, and tells the broker's tools how far the group is.</summary>
    private async Task StoreWhatIsLeft(IGroupConsumer consumer, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(StoreInterval);
        var told = new Dictionary<Place, long>();
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                var unstored = consumer.Unstored();
                var stored = false;
                try
                {
                    await offsets.Move(unstored, cancellationToken);
                    stored = true;
                }
                finally
                {
                    consumer.Stored(unstored, stored);
                }

                var moved = consumer.Places().Where(place => told.GetValueOrDefault(new Place(place.Topic, place.Partition)) != place.Next)
                    .Select(place => new OffsetMove(place.Topic, place.Partition, 0, place.Next)).ToList();
                if (moved.Count == 0) continue;
                await broker.NoteOffsets(options.Value.Group, moved, cancellationToken);
                foreach (var move in moved) told[new Place(move.Topic, move.Partition)] = move.To;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotStored(exception.Message);
            }
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Count} records was not applied and will be delivered again")]
    private partial void LogBatchNotApplied(int count, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Offsets of skipped records are not stored yet: {Reason}")]
    private partial void LogNotStored(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker gave an unexpected answer: {Reason}")]
    private partial void LogBrokerFailed(string reason);
}
