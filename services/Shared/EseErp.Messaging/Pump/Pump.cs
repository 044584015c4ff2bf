using System.Collections.Concurrent;
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
/// If a batch fails it is rolled back and applied event by event, each in a scope and transaction of its own, so that one
/// bad event does not hold up the others' effects. An event that fails is tried again after growing pauses, as its
/// consumer's <see cref="RetryAttribute"/> says; then it becomes a dead letter, as a record that cannot be read does at once.
/// Later records of the same key wait behind it there, and everything else goes on.
/// </remarks>
internal sealed partial class Pump(
    EventApplication application, IBroker broker, GroupOffsets offsets, GroupPositions positions, BrokerTopics topics, Subscriptions subscriptions,
    ConsumerDispatch dispatch, PumpControl control, MessagingMetrics metrics, IOptions<MessagingOptions> options, ILogger<Pump> log) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan StoreInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StoreLimit = TimeSpan.FromSeconds(2);

    private readonly record struct Place(string Topic, int Partition);

    // A record that failed and is to be tried again.
    private sealed record Obstacle(long Offset, int Attempt, TimeSpan Pause);

    private readonly ConcurrentDictionary<(string Topic, string Key), Obstacle> _obstacles = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
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
        await using var consumer = await broker.Join(options.Value.Group, subscriptions.Topics.Keys.ToList(), consume, offsets, cancellationToken);
        positions.Member = consumer;
        try
        {
            await Task.WhenAll(Enumerable.Range(0, options.Value.Consume.Workers).Select(_ => Task.Run(() => Work(consumer, cancellationToken), cancellationToken))
                .Append(Task.Run(() => StoreWhatIsLeft(consumer, cancellationToken), cancellationToken)));
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
                await Apply(consumer, batch, cancellationToken);
                metrics.BatchDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
            }
            catch (Exception exception)
            {
                // The service is stopping: what was not committed is rolled back and comes again. Anything else must not end
                // this worker either, nor keep its lanes.
                if (GroupOffsets.WereElsewhere(exception)) consumer.LookUpAgain(batch);
                consumer.Release(batch, FirstPause);
                if (cancellationToken.IsCancellationRequested) return;
                LogBatchFailed(batch.Records.Count, exception);
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

    private async Task Apply(IGroupConsumer consumer, RecordBatch batch, CancellationToken cancellationToken)
    {
        var deliveries = new List<Delivery>();
        foreach (var record in batch.Records)
        {
            try
            {
                if (application.Read(record) is { } delivery) deliveries.Add(delivery);
            }
            catch (UnreadableEventException exception)
            {
                metrics.Failed.Add(1);
                LogUnreadable(record.Topic, record.Partition, record.Offset, exception.Message);
                await WhenDatabaseIsThere(() => application.GiveUp(record, exception.Event, exception.Reason, exception, 1, cancellationToken), cancellationToken);
            }
        }

        // What failed before goes alone from the start: it would only take the others' transaction down again.
        var (suspect, sound) = (new List<Delivery>(), new List<Delivery>());
        foreach (var delivery in deliveries) (_obstacles.ContainsKey(KeyOf(delivery.Record)) ? suspect : sound).Add(delivery);
        var moves = deliveries.Count > 0 ? consumer.Moves(batch.Records) : [];
        var together = await TryTogether(sound, suspect.Count == 0 ? moves : [], cancellationToken);
        if (together && suspect.Count == 0)
        {
            consumer.Commit(batch, moves);
            return;
        }

        await Finish(consumer, batch, await ApplyAlone(together ? suspect : deliveries, cancellationToken), cancellationToken);
    }

    /// <returns>The topic partitions that did not get through, each with the offset of the first record that has to come again.</returns>
    private async Task<Dictionary<Place, long>> ApplyAlone(List<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var stuck = new Dictionary<Place, long>();
        var stuckKeys = new HashSet<(string, string)>();
        foreach (var delivery in deliveries.Where(delivery => !stuckKeys.Contains(KeyOf(delivery.Record))))
        {
            if (await TryAlone(delivery, cancellationToken)) continue;
            // Only the failing key waits; the other records of the batch are applied, and skipped by the inbox when they come again.
            stuckKeys.Add(KeyOf(delivery.Record));
            stuck[PlaceOf(delivery.Record)] = Math.Min(delivery.Record.Offset, stuck.GetValueOrDefault(PlaceOf(delivery.Record), long.MaxValue));
        }

        return stuck;
    }

    /// <summary>Moves the offsets of a batch that was divided, as far as it got through.</summary>
    private async Task Finish(IGroupConsumer consumer, RecordBatch batch, Dictionary<Place, long> stuck, CancellationToken cancellationToken)
    {
        var stuckLanes = stuck.Keys.Select(place => place.Partition).Distinct().ToDictionary(
            lane => lane,
            lane => batch.Records.Where(record => record.Partition == lane && _obstacles.ContainsKey(KeyOf(record))).Min(record => _obstacles[KeyOf(record)].Pause));
        var through = batch with
        {
            Records = batch.Records.Where(record => !stuck.TryGetValue(PlaceOf(record), out var offset) || record.Offset < offset).ToList(),
            Lanes = batch.Lanes.Where(lane => !stuckLanes.ContainsKey(lane)).ToList(),
        };
        var moves = consumer.Moves(through.Records);
        using (var limit = new CancellationTokenSource())
        {
            // What is applied is stored even when the service is stopping, unless the database takes too long.
            await using var stopping = cancellationToken.Register(() => limit.CancelAfter(StoreLimit));
            await WhenDatabaseIsThere(() => offsets.Move(moves, limit.Token), limit.Token);
        }

        consumer.Commit(through, moves);
        foreach (var (lane, pause) in stuckLanes) consumer.Release(batch with { Records = [], Lanes = [lane] }, pause);
    }

    private async Task<bool> TryTogether(List<Delivery> deliveries, IReadOnlyList<OffsetMove> moves, CancellationToken cancellationToken)
    {
        if (deliveries.Count == 0) return true;
        try
        {
            await WhenDatabaseIsThere(() => application.Apply(deliveries, moves, cancellationToken), cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !GroupOffsets.WereElsewhere(exception))
        {
            LogDivided(deliveries.Count, exception.Message);
            return false;
        }
    }

    /// <returns>False when it has to be tried again later; true also when it was given up.</returns>
    private async Task<bool> TryAlone(Delivery delivery, CancellationToken cancellationToken)
    {
        var key = KeyOf(delivery.Record);
        for (var race = 1; ; race++)
        {
            try
            {
                await WhenDatabaseIsThere(() => application.Apply([delivery], [], cancellationToken), cancellationToken);
                _obstacles.TryRemove(key, out _);
                return true;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (UnitOfWork.IsLostRace(exception) && race < 5) continue;
                var policy = dispatch.RetryPolicyOf(delivery.Record.Topic, delivery.Event.Message.GetType());
                var attempt = _obstacles.TryGetValue(key, out var known) && known.Offset == delivery.Record.Offset ? known.Attempt + 1 : 1;
                using var scope = log.BeginScope(EventApplication.LogScope(delivery.Event));
                // The stack trace once, and the reason with each attempt.
                var trace = attempt == 1 ? exception : null;
                if (attempt >= policy.Attempts)
                {
                    LogDead(delivery.Event.Type, attempt, exception.Message, trace);
                    await WhenDatabaseIsThere(() => application.GiveUp(
                        delivery.Record, delivery.Event, DeadLetterReason.Exhausted, exception, attempt, cancellationToken), cancellationToken);
                    _obstacles.TryRemove(key, out _);
                    return true;
                }

                _obstacles[key] = new Obstacle(delivery.Record.Offset, attempt, policy.PauseAfter(attempt));
                LogEventFailed(delivery.Event.Type, attempt, policy.Attempts, policy.PauseAfter(attempt).TotalSeconds, exception.Message, trace);
                return false;
            }
        }
    }

    private async Task WhenDatabaseIsThere(Func<Task> work, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            try
            {
                await work();
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                metrics.Failed.Add(1);
                if (!UnitOfWork.IsOutage(exception)) throw;
                LogOutage(exception.Message, pause.TotalSeconds);
                await Task.Delay(pause, cancellationToken);
            }
        }
    }

    private static (string Topic, string Key) KeyOf(BrokerRecord record) => (record.Topic, record.Key);

    private static Place PlaceOf(BrokerRecord record) => new(record.Topic, record.Partition);

    private static TimeSpan Longer(TimeSpan pause) => TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Count} records failed and is taken again")]
    private partial void LogBatchFailed(int count, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Count} events failed and is applied one by one: {Reason}")]
    private partial void LogDivided(int count, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database is away ({Reason}); trying again in {Seconds} s")]
    private partial void LogOutage(string reason, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Event {Type} failed, attempt {Attempt} of {Attempts}; tried again in {Seconds} s: {Reason}")]
    private partial void LogEventFailed(string type, int attempt, int attempts, double seconds, string reason, Exception? exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Event {Type} failed {Attempts} times and is a dead letter now: {Reason}")]
    private partial void LogDead(string type, int attempts, string reason, Exception? exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Record {Offset} of {Topic}, partition {Partition}, cannot be read and is a dead letter now: {Reason}")]
    private partial void LogUnreadable(string topic, int partition, long offset, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Offsets of records that were passed over are not stored yet: {Reason}")]
    private partial void LogNotStored(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker did not answer as expected: {Reason}")]
    private partial void LogBrokerFailed(string reason);
}
