using System.Collections;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging;

/// <summary>A record and the event it holds.</summary>
internal sealed record Delivery(BrokerRecord Record, ReceivedEvent Event);

/// <summary>
/// Applies events in one scope and one transaction: inbox, state, new facts. What is behind a dead letter of its key is set
/// aside in the same transaction.
/// </summary>
internal sealed class EventApplication(
    IServiceScopeFactory scopes, Subscriptions subscriptions, ConsumerDispatch dispatch, Inbox inbox, EventTypes types,
    MessagingMetrics metrics, Faults faults, Retries retries, IOptions<MessagingOptions> options, ILogger<EventApplication> log)
{
    private const string BehindError = "An earlier record of the same key is dead.";

    // Of the time that an attempt has: what waits for a lock longer has failed by nobody's fault, and not by its own.
    private const double WaitingShare = 0.8;

    /// <summary>The event in a record; null when nobody here consumes it.</summary>
    /// <exception cref="UnreadableEventException">It is not an event, or of a version this build does not know.</exception>
    public Delivery? Read(BrokerRecord record)
    {
        try
        {
            var e = CloudEvent.Read(record.Value, types, dispatch.Subscribed(record.Topic), type => dispatch.IsUnknownVersion(record.Topic, type));
            return e is null || !Concerns(e.Coordination == Coordination.Traditional) ? null : new Delivery(record, e);
        }
        catch (UnreadableEventException exception) when (exception.Event is { } unknown && !Concerns(unknown.Coordination == Coordination.Traditional))
        {
            return null;
        }
    }

    /// <summary>Whether anybody here consumes what is of this kind; <see cref="Read"/> passes over the others.</summary>
    public bool Wants(string topic, string kind)
    {
        var (type, isTraditional) = EventKind.Read(kind);
        return (dispatch.Subscribed(topic).Contains(type) || dispatch.IsUnknownVersion(topic, type)) && Concerns(isTraditional);
    }

    /// <summary>Applies those that were not applied before; all of them, or none.</summary>
    /// <param name="moves">How far the group's offsets get by it, in the same transaction; none where they are moved later.</param>
    /// <exception cref="TooSlowException">It took longer than it may.</exception>
    public async Task Apply(IReadOnlyList<Delivery> deliveries, IReadOnlyList<OffsetMove> moves, TimeLimits limits, CancellationToken cancellationToken)
    {
        await faults.BeforeMessages(deliveries.Count, cancellationToken);
        using var limit = new TimeLimit(cancellationToken);
        try
        {
            await inbox.WithPartitions([.. deliveries.Select(delivery => delivery.Event)], () => ApplyPrepared(deliveries, moves, limits, limit), cancellationToken);
        }
        catch (Exception) when (limit.IsOver)
        {
            throw limit.Exception();
        }
    }

    private async Task<bool> ApplyPrepared(IReadOnlyList<Delivery> deliveries, IReadOnlyList<OffsetMove> moves, TimeLimits limits, TimeLimit limit)
    {
        var (alone, cancellationToken) = (deliveries.Count == 1 ? deliveries[0] : null, limit.Token);
        limit.Begin(limits.Whole, alone);
        await using var scope = scopes.CreateAsyncScope();
        var (db, reads) = (scope.ServiceProvider.GetRequiredService<DbContext>(), scope.ServiceProvider.GetRequiredService<BatchReads>());
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var entered = Inbox.Enter(options.Value.Group, deliveries, reads);
        var loaders = Loaders(scope);
        var events = deliveries.Select(delivery => delivery.Event).ToList();
        foreach (var loader in loaders) loader.Want(events, reads);
        await reads.Execute(cancellationToken);

        var behind = deliveries.Where(delivery => entered.Behind.Contains(delivery.Event.Id)).ToList();
        foreach (var (record, e) in behind)
            await DeadLetters.Add(db, record, e, DeadLetterReason.Behind, BehindError, null, 0, cancellationToken);
        var waiting = deliveries.Where(delivery => entered.Waiting.Contains(delivery.Event.Id)).ToList();
        foreach (var delivery in waiting) await Retries.Add(db, delivery, 0, TimeSpan.Zero, null, slow: false, cancellationToken);
        // The same event twice in one batch counts once.
        var due = deliveries.Where(delivery => entered.Fresh.Remove(delivery.Event.Id)).ToList();
        await Dispatch(scope, loaders, due, limits.Event, limit);
        limit.Begin(limits.Whole, alone);
        GroupOffsets.Move(PendingWrites.Of(db), moves);
        await Commit(scope, cancellationToken);
        if (Rehearsal.IsOn) return true;
        // What they wait for may be through by now.
        if (waiting.Count > 0) retries.Wake();
        metrics.Applied.Add(due.Count);
        metrics.Redelivered.Add(deliveries.Count - due.Count - behind.Count - waiting.Count);
        metrics.BatchSize.Record(due.Count);
        return true;
    }

    /// <summary>Applies a dead letter, unless its event was applied before, and marks it as re-driven.</summary>
    /// <param name="run">The re-drive of many that it counts for.</param>
    /// <returns>False when somebody else re-drove it meanwhile.</returns>
    /// <exception cref="EarlierIsTriedException">An earlier event of its key is being tried again.</exception>
    /// <exception cref="TooSlowException">It took longer than an attempt may.</exception>
    public Task<bool> Redrive(DeadLetter letter, long? run, CancellationToken cancellationToken) =>
        ApplySetAside(letter.Record, options.Value.AttemptLimit, waits: true, async db =>
        {
            if (await Retries.HasEarlier(db, letter.Record, cancellationToken)) throw new EarlierIsTriedException();
            if (!await DeadLetters.Take(db, letter, cancellationToken)) return false;
            if (run is { } id) await RedriveRuns.Count(db, id, cancellationToken);
            return true;
        }, cancellationToken);

    /// <summary>Applies an event that is tried again, unless it was applied before.</summary>
    /// <returns>False when somebody else has meanwhile.</returns>
    /// <exception cref="KeyIsBusyException">Another event of its key is being applied.</exception>
    /// <exception cref="TooSlowException">It took longer than the attempt may.</exception>
    public Task<bool> Retry(Retry retry, CancellationToken cancellationToken) => ApplySetAside(
        retry.Record, retry.Slow ? options.Value.AttemptLimit : options.Value.SlowAfter, waits: false, db => Retries.Take(db, retry.Id, cancellationToken),
        cancellationToken);

    /// <summary>Sets a record aside for good.</summary>
    public Task GiveUp(
        BrokerRecord record, ReceivedEvent? e, DeadLetterReason reason, Exception exception, int attempts, CancellationToken cancellationToken) =>
        SetAside(record, async db =>
        {
            // Another replica may have had the lane meanwhile.
            if (e is not null && await Inbox.Has(db, options.Value.Group, e, cancellationToken)) return;
            var added = await DeadLetters.Add(db, record, e, reason, exception.Message, exception.ToString(), attempts, cancellationToken);
            if (added) metrics.Dead.Add(1);
        }, cancellationToken);

    /// <summary>Sets an event aside for good that was tried again, and what waits behind it.</summary>
    public Task GiveUp(Retry retry, DeadLetterReason reason, Exception exception, CancellationToken cancellationToken) =>
        SetAside(retry.Record, async db =>
        {
            if (!await Retries.Take(db, retry.Id, cancellationToken)) return;
            var followers = await Retries.TakeFollowers(db, retry.Record, cancellationToken);
            if (await DeadLetters.Add(
                    db, retry.Record, ReadAny(retry.Record), reason, exception.Message, exception.ToString(), retry.Attempts, cancellationToken))
                metrics.Dead.Add(1);
            foreach (var follower in followers)
                await DeadLetters.Add(db, follower, ReadAny(follower), DeadLetterReason.Behind, BehindError, null, 0, cancellationToken);
        }, cancellationToken);

    /// <summary>Has an event that failed, or is slow, tried again after a pause.</summary>
    /// <param name="attempts">Made so far.</param>
    /// <param name="slow">Whether it is tried among those that take long.</param>
    public Task Park(Delivery delivery, int attempts, TimeSpan pause, Exception exception, bool slow, CancellationToken cancellationToken) =>
        SetAside(delivery.Record, async db =>
        {
            if (await Inbox.Has(db, options.Value.Group, delivery.Event, cancellationToken)) return;
            await Retries.Add(db, delivery, attempts, pause, exception.Message, slow, cancellationToken);
        }, cancellationToken);

    /// <summary>The event in a record, also one of a version that is not known; null when there is none, or nobody here consumes it.</summary>
    public ReceivedEvent? ReadAny(BrokerRecord record)
    {
        try
        {
            return Read(record)?.Event;
        }
        catch (UnreadableEventException exception)
        {
            return exception.Event;
        }
    }

    private async Task<bool> ApplySetAside(
        BrokerRecord record, TimeSpan atMost, bool waits, Func<DbContext, Task<bool>> take, CancellationToken cancellationToken)
    {
        var delivery = Read(record);
        using var limit = new TimeLimit(cancellationToken);
        try
        {
            return await inbox.WithPartitions(
                delivery is null ? [] : [delivery.Event], () => ApplySetAside(record, delivery, atMost, waits, take, limit), cancellationToken);
        }
        catch (Exception) when (limit.IsOver)
        {
            throw limit.Exception();
        }
    }

    // Under the lock of its key. The lane's other keys go on, however long it takes.
    private async Task<bool> ApplySetAside(
        BrokerRecord record, Delivery? delivery, TimeSpan atMost, bool waits, Func<DbContext, Task<bool>> take, TimeLimit limit)
    {
        limit.Begin(atMost, delivery);
        var cancellationToken = limit.Token;
        await using var scope = scopes.CreateAsyncScope();
        var (db, reads) = (scope.ServiceProvider.GetRequiredService<DbContext>(), scope.ServiceProvider.GetRequiredService<BatchReads>());
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await Inbox.LockKey(db, options.Value.Group, record, atMost * WaitingShare, waits, cancellationToken);
        if (!await take(db)) return false;
        if (delivery is not null)
        {
            var fresh = Inbox.EnterSetAside(options.Value.Group, delivery.Event, reads);
            var loaders = Loaders(scope);
            foreach (var loader in loaders) loader.Want([delivery.Event], reads);
            await reads.Execute(cancellationToken);
            await Dispatch(scope, loaders, fresh.Count > 0 ? [delivery] : [], atMost, limit);
            limit.Begin(atMost, delivery);
            metrics.Applied.Add(fresh.Count);
        }

        await Commit(scope, cancellationToken);
        return true;
    }

    // Under the lane's lock, as batches look at what is set aside.
    private async Task SetAside(BrokerRecord record, Func<DbContext, Task> write, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var (db, reads) = (scope.ServiceProvider.GetRequiredService<DbContext>(), scope.ServiceProvider.GetRequiredService<BatchReads>());
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        Inbox.Lock(options.Value.Group, [record.Partition], reads);
        await reads.Execute(cancellationToken);
        await write(db);
        await Commit(scope, cancellationToken);
    }

    /// <summary>What every log entry written on behalf of an event says of it.</summary>
    internal static IReadOnlyList<KeyValuePair<string, object?>> LogScope(ReceivedEvent e) => new EventScope(e);

    private bool Concerns(bool isTraditional) => !isTraditional || subscriptions.Traditional;

    private List<IBatchLoader> Loaders(AsyncServiceScope scope) =>
        subscriptions.BatchLoaders.ConvertAll(loader => (IBatchLoader)scope.ServiceProvider.GetRequiredService(loader));

    private async Task Dispatch(AsyncServiceScope scope, List<IBatchLoader> loaders, List<Delivery> due, TimeSpan each, TimeLimit limit)
    {
        var causality = scope.ServiceProvider.GetRequiredService<Causality>();
        foreach (var loader in due.Count > 0 ? loaders : []) await loader.Load(due.Select(delivery => delivery.Event).ToList(), limit.Token);
        foreach (var delivery in due)
        {
            var (record, e) = delivery;
            (causality.CorrelationId, causality.CausationId, causality.TraceParent) = (e.CorrelationId, e.Id.ToString(), e.TraceParent);
            using var logScope = log.BeginScope(LogScope(e));
            limit.Begin(each, delivery);
            faults.OnMessage();
            await dispatch.Dispatch(record.Topic, record.Value, e, scope, limit.Token);
            limit.ThrowIfOver();
        }
    }

    private static Task Commit(AsyncServiceScope scope, CancellationToken cancellationToken) =>
        scope.ServiceProvider.GetRequiredService<UnitOfWork>().Commit(cancellationToken);

    // One a message, and hardly ever read: made of nothing until then.
    private sealed class EventScope(ReceivedEvent e) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => 3;

        public KeyValuePair<string, object?> this[int index] => index switch
        {
            0 => new("returnId", e.Subject),
            1 => new("eventId", e.Id),
            2 => new("correlationId", e.CorrelationId),
            _ => throw new ArgumentOutOfRangeException(nameof(index)),
        };

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
        {
            for (var index = 0; index < Count; index++) yield return this[index];
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
