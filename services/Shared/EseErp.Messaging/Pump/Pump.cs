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
/// bad event does not hold up the others' effects. An event that keeps failing is tried again with growing pauses; the
/// lanes of its batch wait behind it meanwhile, all other lanes go on.
/// </remarks>
internal sealed partial class Pump(
    IServiceScopeFactory scopes, IBroker broker, BrokerTopics topics, Subscriptions subscriptions, ConsumerDispatch dispatch, Inbox inbox,
    EventTypes types, EventLogSignal signal, PumpControl control, MessagingMetrics metrics, IOptions<MessagingOptions> options, ILogger<Pump> log) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private sealed record Delivery(BrokerRecord Record, ReceivedEvent Event);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await topics.Ready.WaitAsync(stoppingToken);
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
                await Task.Delay(FirstPause, stoppingToken);
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
        while (!cancellationToken.IsCancellationRequested)
        {
            RecordBatch? batch = null;
            try
            {
                batch = await consumer.Take(cancellationToken);
                var started = Stopwatch.GetTimestamp();
                await Apply(batch, cancellationToken);
                metrics.BatchDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
            }
            catch (Exception exception)
            {
                if (batch is not null) consumer.Release(batch);
                if (cancellationToken.IsCancellationRequested) return;
                LogBrokerFailed(exception.Message);
                await Task.Delay(FirstPause, cancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
                continue;
            }

            try
            {
                await consumer.Commit(batch, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Applied but not committed: a later commit covers it, or it comes again and the inbox stops it.
                LogBrokerFailed(exception.Message);
            }
        }
    }

    private async Task Apply(RecordBatch batch, CancellationToken cancellationToken)
    {
        var deliveries = batch.Records.Select(Read).OfType<Delivery>().ToList();
        if (deliveries.Count == 0) return;
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            try
            {
                await inbox.PreparePartitions(deliveries.Select(delivery => delivery.Event), cancellationToken);
                await ApplyTogether(deliveries, batch.Lanes, cancellationToken);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                metrics.Failed.Add(1);
                if (!UnitOfWork.IsOutage(exception))
                {
                    LogBatchFailed(deliveries.Count, exception);
                    break;
                }

                LogOutage(exception.Message, pause.TotalSeconds);
                await Task.Delay(pause, cancellationToken);
            }
        }

        foreach (var delivery in deliveries) await ApplyAlone(delivery, batch.Lanes, cancellationToken);
    }

    private async Task ApplyAlone(Delivery delivery, IReadOnlyList<int> lanes, CancellationToken cancellationToken)
    {
        for (var (attempt, pause) = (1, FirstPause); ; attempt++, pause = Longer(pause))
        {
            try
            {
                await ApplyTogether([delivery], lanes, cancellationToken);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                metrics.Failed.Add(1);
                if (UnitOfWork.IsLostRace(exception) && attempt < 5) continue;
                using var scope = log.BeginScope(LogScope(delivery.Event));
                LogEventFailed(delivery.Event.Type, attempt, pause.TotalSeconds, exception);
                await Task.Delay(pause, cancellationToken);
            }
        }
    }

    private async Task ApplyTogether(List<Delivery> deliveries, IReadOnlyList<int> lanes, CancellationToken cancellationToken)
    {
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

    [LoggerMessage(Level = LogLevel.Error, Message = "Event {Type} failed, attempt {Attempt}; trying again in {Seconds} s")]
    private partial void LogEventFailed(string type, int attempt, double seconds, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker did not answer as expected: {Reason}")]
    private partial void LogBrokerFailed(string reason);
}
