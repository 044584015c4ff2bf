using System.Collections.Concurrent;
using System.Diagnostics;
using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging;

/// <summary>
/// Takes batches from the broker and applies each in one transaction: inbox, state, new facts. Offsets are committed after
/// that transaction, so a crash in between redelivers and the inbox stops what was applied.
/// </summary>
/// <remarks>
/// If a batch fails it is rolled back and applied event by event, each in a scope and transaction of its own, so that one
/// bad event does not hold up the others' effects. An event that keeps failing, or that cannot be read, holds up its own
/// topic partition and nothing else: what is before it is committed, and its lane is handed out again after growing pauses.
/// </remarks>
internal sealed partial class Pump(
    IServiceScopeFactory scopes, IBroker broker, BrokerTopics topics, Subscriptions subscriptions, ConsumerDispatch dispatch, Inbox inbox,
    EventTypes types, EventLogSignal signal, PumpControl control, MessagingMetrics metrics, IOptions<MessagingOptions> options, ILogger<Pump> log) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan CommitLimitAtStop = TimeSpan.FromSeconds(2);

    private sealed record Delivery(BrokerRecord Record, ReceivedEvent Event);

    // A topic partition, and the record of it that cannot be got past for now.
    private readonly record struct Place(string Topic, int Partition);

    private sealed record Obstacle(long Offset, int Attempt)
    {
        public TimeSpan Pause { get; } = TimeSpan.FromTicks(Math.Min(FirstPause.Ticks << Math.Min(Attempt - 1, 20), LongestPause.Ticks));
    }

    private readonly ConcurrentDictionary<Place, Obstacle> _obstacles = new();

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
        await using var consumer = await broker.Join(options.Value.Group, subscriptions.Topics.Keys.ToList(), options.Value.Consume, cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, options.Value.Consume.Workers).Select(_ => Task.Run(() => Work(consumer, cancellationToken), cancellationToken)));
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

            Dictionary<Place, long> stuck;
            try
            {
                var started = Stopwatch.GetTimestamp();
                stuck = await Apply(batch, cancellationToken);
                metrics.BatchDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
            }
            catch (Exception exception)
            {
                // The service is stopping: what was not committed is rolled back and comes again. Anything else must not end
                // this worker either, nor keep its lanes.
                consumer.Release(batch, FirstPause);
                if (cancellationToken.IsCancellationRequested) return;
                LogBatchFailed(batch.Records.Count, exception);
                continue;
            }

            await Finish(consumer, batch, stuck, cancellationToken);
        }
    }

    private async Task Finish(IGroupConsumer consumer, RecordBatch batch, Dictionary<Place, long> stuck, CancellationToken cancellationToken)
    {
        foreach (var place in batch.Records.Select(PlaceOf).Distinct())
        {
            if (!stuck.TryGetValue(place, out var offset)) _obstacles.TryRemove(place, out _);
            else _obstacles.AddOrUpdate(place, _ => new Obstacle(offset, 1), (_, known) => new Obstacle(offset, known.Offset == offset ? known.Attempt + 1 : 1));
        }

        var stuckLanes = stuck.Keys.GroupBy(place => place.Partition).ToDictionary(lane => lane.Key, lane => lane.Min(place => _obstacles[place].Pause));
        try
        {
            // What is applied is committed even when the service is stopping, unless the broker takes too long.
            using var limit = new CancellationTokenSource();
            await using var stopping = cancellationToken.Register(() => limit.CancelAfter(CommitLimitAtStop));
            await consumer.Commit(batch with
            {
                Records = batch.Records.Where(record => !stuck.TryGetValue(PlaceOf(record), out var offset) || record.Offset < offset).ToList(),
                Lanes = batch.Lanes.Where(lane => !stuckLanes.ContainsKey(lane)).ToList(),
            }, limit.Token);
        }
        catch (Exception exception)
        {
            // Applied but not committed: a later commit covers it, or it comes again and the inbox stops it.
            LogBrokerFailed(exception.Message);
        }

        foreach (var (lane, pause) in stuckLanes) consumer.Release(batch with { Records = [], Lanes = [lane] }, pause);
    }

    /// <returns>The topic partitions that did not get through, each with the offset of the record it is stuck at.</returns>
    private async Task<Dictionary<Place, long>> Apply(RecordBatch batch, CancellationToken cancellationToken)
    {
        var stuck = new Dictionary<Place, long>();
        var deliveries = new List<Delivery>();
        foreach (var record in batch.Records.Where(record => !stuck.ContainsKey(PlaceOf(record))))
        {
            try
            {
                if (Read(record) is { } delivery) deliveries.Add(delivery);
            }
            catch (UnreadableEventException exception)
            {
                metrics.Failed.Add(1);
                LogUnreadable(record.Topic, record.Partition, record.Offset, exception.Message);
                stuck[PlaceOf(record)] = record.Offset;
            }
        }

        // What failed before goes alone from the start: it would only take the others' transaction down again.
        var (suspect, sound) = (new List<Delivery>(), new List<Delivery>());
        foreach (var delivery in deliveries) (_obstacles.ContainsKey(PlaceOf(delivery.Record)) ? suspect : sound).Add(delivery);
        var alone = await TryTogether(sound, cancellationToken) ? suspect : deliveries;
        foreach (var delivery in alone.Where(delivery => !stuck.TryGetValue(PlaceOf(delivery.Record), out var offset) || delivery.Record.Offset < offset))
            if (!await TryAlone(delivery, cancellationToken)) stuck[PlaceOf(delivery.Record)] = delivery.Record.Offset;
        return stuck;
    }

    private async Task<bool> TryTogether(List<Delivery> deliveries, CancellationToken cancellationToken)
    {
        if (deliveries.Count == 0) return true;
        try
        {
            await ApplyWhenDatabaseIsThere(deliveries, cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogBatchFailed(deliveries.Count, exception);
            return false;
        }
    }

    private async Task<bool> TryAlone(Delivery delivery, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ApplyWhenDatabaseIsThere([delivery], cancellationToken);
                return true;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (UnitOfWork.IsLostRace(exception) && attempt < 5) continue;
                using var scope = log.BeginScope(LogScope(delivery.Event));
                LogEventFailed(delivery.Event.Type, exception);
                return false;
            }
        }
    }

    private async Task ApplyWhenDatabaseIsThere(List<Delivery> deliveries, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            try
            {
                await inbox.PreparePartitions(deliveries.Select(delivery => delivery.Event), cancellationToken);
                await ApplyTogether(deliveries, cancellationToken);
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

    private async Task ApplyTogether(List<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var lanes = deliveries.Select(delivery => delivery.Record.Partition).Distinct();
        await using var scope = scopes.CreateAsyncScope();
        var provider = scope.ServiceProvider;
        var db = provider.GetRequiredService<DbContext>();
        var causality = provider.GetRequiredService<Causality>();

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var fresh = await Inbox.Enter(db, options.Value.Group, deliveries.Select(delivery => delivery.Event).DistinctBy(e => e.Id), lanes, cancellationToken);
        // The same event twice in one batch counts once.
        var due = deliveries.Where(delivery => fresh.Remove(delivery.Event.Id)).ToList();
        if (subscriptions.BatchLoader is { } loader && due.Count > 0)
            await ((IBatchLoader)provider.GetRequiredService(loader)).Load(due.Select(delivery => delivery.Event).ToList(), cancellationToken);
        foreach (var (record, e) in due)
        {
            (causality.CorrelationId, causality.CausationId, causality.TraceParent) = (e.CorrelationId, e.Id.ToString(), e.TraceParent);
            using var logScope = log.BeginScope(LogScope(e));
            await dispatch.Dispatch(record.Topic, record.Value, e, scope, cancellationToken);
        }

        await provider.GetRequiredService<UnitOfWork>().Save(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Set();
        metrics.Applied.Add(due.Count);
        metrics.Redelivered.Add(deliveries.Count - due.Count);
        metrics.BatchSize.Record(due.Count);
    }

    private Delivery? Read(BrokerRecord record)
    {
        var type = CloudEvent.TypeOf(record.Value);
        if (type is not null && !dispatch.IsSubscribed(record.Topic, type)) return null;
        var e = CloudEvent.Read(record.Value, types);
        return e.Coordination == Coordination.Traditional && !subscriptions.Traditional ? null : new Delivery(record, e);
    }

    private static Place PlaceOf(BrokerRecord record) => new(record.Topic, record.Partition);

    private static Dictionary<string, object> LogScope(ReceivedEvent e) => new()
    {
        ["returnId"] = e.Subject,
        ["eventId"] = e.Id,
        ["correlationId"] = e.CorrelationId,
    };

    private static TimeSpan Longer(TimeSpan pause) => TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Count} events failed and is applied one by one")]
    private partial void LogBatchFailed(int count, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database is away ({Reason}); trying again in {Seconds} s")]
    private partial void LogOutage(string reason, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Event {Type} failed; its partition waits and it is tried again after a pause")]
    private partial void LogEventFailed(string type, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Record {Offset} of {Topic}, partition {Partition}, cannot be read; its partition waits: {Reason}")]
    private partial void LogUnreadable(string topic, int partition, long offset, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker did not answer as expected: {Reason}")]
    private partial void LogBrokerFailed(string reason);
}
