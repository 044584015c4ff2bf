using System.Collections.Concurrent;
using EseErp.EventStore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging;

/// <summary>A partition of a topic.</summary>
internal readonly record struct Place(string Topic, int Partition);

/// <summary>
/// Applies a batch as a whole, or finds what is wrong with it: in halves where an event fails, without it where one is slow, and event by event,
/// each attempt counted first, where one may have ended other processes. Whose fault a failure is, docs/decisions/0004-order-and-failure.md says.
/// </summary>
internal sealed partial class BatchApplication(
    EventApplication application, GroupOffsets offsets, ConsumerDispatch dispatch, Retries retries, GroupTrouble trouble, DatabaseOutages outages,
    MessagingMetrics metrics, IOptions<MessagingOptions> options, ILogger<BatchApplication> log) : IDisposable
{
    // The second process that begins where another has not got further goes carefully; one that is tried for the fourth time is given up.
    private const int SuspiciousBegins = 2;
    private const int MostTries = 3;
    private const int MostRaces = 5;

    private static readonly TimeSpan StoreLimit = TimeSpan.FromSeconds(2);

    // How many processes in a row have begun at a partition's offset, the last of them this one; see WhereToBeCareful.
    private readonly ConcurrentDictionary<Place, int> _begun = new();

    // One at a time, or the one that ends the process would take others' attempts with it.
    private readonly SemaphoreSlim _careful = new(1, 1);

    /// <summary>Applies a batch and commits it to the consumer, or as much as gets through; the rest is released.</summary>
    public async Task Apply(IGroupConsumer consumer, RecordBatch batch, CancellationToken cancellationToken)
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
                await outages.Wait(() => application.GiveUp(record, exception.Event, exception.Reason, exception, 1, cancellationToken), cancellationToken);
                LogUnreadable(record.Topic, record.Partition, record.Offset, exception.Message);
            }
        }

        if (deliveries.Count == 0)
        {
            consumer.Commit(batch, []);
            return;
        }

        var moves = consumer.Moves(batch.Records);
        var pass = new Pass(await WhereToBeCareful(moves, cancellationToken), options.Value);
        if (pass.Careful.Count > 0)
        {
            var suspects = deliveries.Where(delivery => pass.Careful.Contains(PlaceOf(delivery.Record))).ToList();
            var others = deliveries.Except(suspects).ToList();
            if (others.Count > 0 && !await TryTogether(others, [], pass, cancellationToken)) await Divide(others, pass, cancellationToken);
            await ApplyCarefully(consumer, batch, suspects, pass, cancellationToken);
        }
        else if (await TryTogether(deliveries, moves, pass, cancellationToken))
        {
            consumer.Commit(batch, moves);
            return;
        }
        else
        {
            await Divide(deliveries, pass, cancellationToken);
        }

        await Finish(consumer, batch, pass, cancellationToken);
    }

    /// <summary>
    /// The topic partitions where other processes have begun before, and not got further: one of the next records may have ended them.
    /// Asked once per partition and process.
    /// </summary>
    private async Task<HashSet<Place>> WhereToBeCareful(IReadOnlyList<OffsetMove> moves, CancellationToken cancellationToken)
    {
        var begins = moves.Where(move => !_begun.ContainsKey(new Place(move.Topic, move.Partition))).ToList();
        if (begins.Count > 0)
            await outages.Wait(async () =>
            {
                foreach (var ((topic, partition), begun) in await offsets.Begin(begins, cancellationToken)) _begun[new Place(topic, partition)] = begun;
            }, cancellationToken);
        return moves.Select(move => new Place(move.Topic, move.Partition)).Where(place => _begun[place] >= SuspiciousBegins).ToHashSet();
    }

    /// <summary>Applies all in one transaction; once more after a lost race.</summary>
    private async Task<bool> TryTogether(List<Delivery> deliveries, IReadOnlyList<OffsetMove> moves, Pass pass, CancellationToken cancellationToken)
    {
        for (var race = 1; ; race++)
        {
            try
            {
                var limits = new TimeLimits(pass.Whole, pass.Event);
                await outages.Wait(() => application.Apply(deliveries, moves, limits, cancellationToken), cancellationToken);
                trouble.Applied(deliveries);
                pass.Succeeded.UnionWith(deliveries.Select(delivery => delivery.Event.Type));
                return true;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !GroupOffsets.WereElsewhere(exception))
            {
                if (UnitOfWork.IsLostRace(exception) && race < MostRaces) continue;
                if (deliveries.Count > 1 && pass.LastFailure is null && exception is not TooSlowException { Delivery: not null })
                    LogBatchFailed(deliveries.Count, exception.Message);
                pass.LastFailure = exception;
                return false;
            }
        }
    }

    /// <summary>
    /// Applies in halves what failed together, and again in halves what fails then, until each event that fails is alone. One that was slow is known:
    /// what is before it is applied, then it is set aside, then comes the rest.
    /// </summary>
    private async Task Divide(List<Delivery> failed, Pass pass, CancellationToken cancellationToken)
    {
        if (failed is [var culprit])
        {
            await SetAside(culprit, pass.LastFailure!, pass, cancellationToken);
            return;
        }

        var slow = pass.LastFailure is TooSlowException { Delivery: { } named } ? failed.FindIndex(delivery => ReferenceEquals(delivery, named)) : -1;
        var half = failed.Count / 2;
        if (slow >= 0) pass.WasSlow();
        else if (pass.LastFailure is TooSlowException) pass.Whole = options.Value.SlowAfter;
        foreach (var part in slow >= 0 ? [failed[..slow], [failed[slow]], failed[(slow + 1)..]] : new[] { failed[..half], failed[half..] })
        {
            var due = part.Where(delivery => !pass.HoldsUp(delivery.Record)).ToList();
            pass.Left.AddRange(part.Except(due));
            if (due.Count == 0) continue;
            if (slow >= 0 && ReferenceEquals(due[0], failed[slow])) await ParkSlow(due[0], cancellationToken);
            else if (!await TryTogether(due, [], pass, cancellationToken)) await Divide(due, pass, cancellationToken);
        }
    }

    /// <summary>Applies events one by one where one of them may have ended other processes. Each attempt is counted before it is made.</summary>
    private async Task ApplyCarefully(IGroupConsumer consumer, RecordBatch batch, IEnumerable<Delivery> deliveries, Pass pass, CancellationToken cancellationToken)
    {
        foreach (var delivery in deliveries)
        {
            // Its offset cannot move past one that is left behind.
            if (pass.Stands(PlaceOf(delivery.Record)))
            {
                pass.Left.Add(delivery);
                continue;
            }

            await _careful.WaitAsync(cancellationToken);
            try
            {
                await TryCarefully(consumer, batch with { Records = [delivery.Record], Lanes = [] }, delivery, pass, cancellationToken);
            }
            finally
            {
                _careful.Release();
            }
        }

        foreach (var place in pass.Careful.Where(place => !pass.Stands(place))) _begun[place] = 0;
    }

    private async Task TryCarefully(IGroupConsumer consumer, RecordBatch part, Delivery delivery, Pass pass, CancellationToken cancellationToken)
    {
        var tries = 0;
        await outages.Wait(async () => tries = await offsets.Try(delivery.Record, cancellationToken), cancellationToken);
        var moves = consumer.Moves(part.Records);
        if (tries > MostTries)
        {
            LogEndsProcesses(delivery.Event.Type, MostTries);
            var exception = new InvalidOperationException($"The process ended {MostTries} times while it applied this event.");
            await outages.Wait(() => application.GiveUp(
                delivery.Record, delivery.Event, DeadLetterReason.Exhausted, exception, MostTries, cancellationToken), cancellationToken);
        }
        else if (await TryTogether([delivery], moves, pass, cancellationToken))
        {
            consumer.Commit(part, moves);
            return;
        }
        else
        {
            await SetAside(delivery, pass.LastFailure!, pass, cancellationToken);
            if (pass.Stands(PlaceOf(delivery.Record))) return;
        }

        await outages.Wait(() => offsets.Move(moves, cancellationToken), cancellationToken);
        consumer.Commit(part, moves);
    }

    /// <summary>Has an event that failed tried again after a pause, or gives it up, so that nothing but its key waits for it.</summary>
    private async Task SetAside(Delivery delivery, Exception exception, Pass pass, CancellationToken cancellationToken)
    {
        if (GroupTrouble.IsSystemic(exception))
        {
            // Whose fault it is shows when the others have been tried.
            pass.Systemic.Add((delivery, exception));
            return;
        }

        // Nothing is known against it but that others cannot wait for it.
        if (exception is TooSlowException || Inbox.WaitedForLock(exception))
        {
            await ParkSlow(delivery, cancellationToken);
            return;
        }

        await Park(delivery, exception, cancellationToken);
    }

    private async Task Park(Delivery delivery, Exception exception, CancellationToken cancellationToken)
    {
        using var scope = log.BeginScope(EventApplication.LogScope(delivery.Event));
        var policy = dispatch.RetryPolicyOf(delivery.Record.Topic, delivery.Event.Message.GetType());
        if (ConflictException.IsBehind(exception) || policy.Attempts == 1)
        {
            var reason = ConflictException.IsBehind(exception) ? DeadLetterReason.Conflict : DeadLetterReason.Exhausted;
            await outages.Wait(() => application.GiveUp(delivery.Record, delivery.Event, reason, exception, 1, cancellationToken), cancellationToken);
            LogDead(delivery.Event.Type, 1, exception);
            trouble.Forget(delivery.Record);
            return;
        }

        await outages.Wait(() => application.Park(delivery, 1, policy.PauseAfter(1), exception, slow: false, cancellationToken), cancellationToken);
        // Said when it is done: where it cannot be, the batch comes again and again.
        LogEventFailed(delivery.Event.Type, policy.Attempts, policy.PauseAfter(1).TotalSeconds, exception);
        retries.Wake();
    }

    private async Task ParkSlow(Delivery delivery, CancellationToken cancellationToken)
    {
        using var scope = log.BeginScope(EventApplication.LogScope(delivery.Event));
        LogSlow(delivery.Event.Type);
        var exception = new TooSlowException(delivery, options.Value.SlowAfter);
        await outages.Wait(() => application.Park(delivery, 0, TimeSpan.Zero, exception, slow: true, cancellationToken), cancellationToken);
        retries.Wake();
    }

    /// <summary>Moves the offsets of a batch that was divided, as far as it got through, and has the rest handed out again.</summary>
    private async Task Finish(IGroupConsumer consumer, RecordBatch batch, Pass pass, CancellationToken cancellationToken)
    {
        var stands = false;
        var left = pass.Left.ConvertAll(delivery => delivery.Record);
        foreach (var (delivery, exception) in pass.Systemic)
        {
            if (trouble.IsItsOwn(delivery.Record, delivery.Event.Type, pass.Succeeded.Contains(delivery.Event.Type)))
            {
                await Park(delivery, exception, cancellationToken);
                continue;
            }

            if (trouble.Pause(exception)) LogStandsStill(exception.Message);
            left.Add(delivery.Record);
            stands = true;
        }

        var stuck = left.GroupBy(PlaceOf).ToDictionary(place => place.Key, place => place.Min(record => record.Offset));
        var stuckLanes = stuck.Keys.Select(place => place.Partition).ToHashSet();
        var through = batch with
        {
            Records = batch.Records.Where(record => !stuck.TryGetValue(PlaceOf(record), out var offset) || record.Offset < offset).ToList(),
            Lanes = batch.Lanes.Where(lane => !stuckLanes.Contains(lane)).ToList(),
        };
        var moves = consumer.Moves(through.Records);
        using (var limit = new CancellationTokenSource())
        {
            // What is applied is stored even when the service is stopping, unless the database takes too long.
            await using var stopping = cancellationToken.Register(() => limit.CancelAfter(StoreLimit));
            await outages.Wait(() => offsets.Move(moves, limit.Token), limit.Token);
        }

        consumer.Commit(through, moves);
        foreach (var lane in stuckLanes) consumer.Release(batch with { Records = [], Lanes = [lane] }, stands ? trouble.PauseOf(lane) : TimeSpan.Zero);
    }

    public void Dispose() => _careful.Dispose();

    private static Place PlaceOf(BrokerRecord record) => new(record.Topic, record.Partition);

    /// <summary>What came of a batch that is not applied as a whole.</summary>
    private sealed class Pass(HashSet<Place> careful, MessagingOptions options)
    {
        private const int EnoughToStop = 2;

        // However many slow ones there are, those that are not wait for them twice the limit and a little.
        private static readonly TimeSpan LeastPatience = TimeSpan.FromMilliseconds(50);

        public HashSet<Place> Careful { get; } = careful;

        /// <summary>Event types of which one was applied.</summary>
        public HashSet<string> Succeeded { get; } = [];

        /// <summary>Failed for a reason that may strike everything.</summary>
        public List<(Delivery Delivery, Exception Exception)> Systemic { get; } = [];

        /// <summary>Not tried, as an earlier one of the key failed so or enough others have.</summary>
        public List<Delivery> Left { get; } = [];

        public Exception? LastFailure { get; set; }

        /// <summary>How long the beginning of a transaction may take, and its end.</summary>
        public TimeSpan Whole { get; set; } = options.AttemptLimit;

        /// <summary>How long each event may take.</summary>
        public TimeSpan Event { get; private set; } = options.SlowAfter;

        /// <summary>The others have waited for one, and have less patience with the next.</summary>
        public void WasSlow() => Event = TimeSpan.FromTicks(Math.Max(Event.Ticks / 2, Math.Min(LeastPatience.Ticks, Event.Ticks)));

        /// <summary>Whether something of the partition has to come again.</summary>
        public bool Stands(Place place) =>
            Systemic.Any(failed => PlaceOf(failed.Delivery.Record) == place) || Left.Any(left => PlaceOf(left.Record) == place);

        /// <summary>Whether a record is not to be tried in this pass.</summary>
        public bool HoldsUp(BrokerRecord record) =>
            (Systemic.Count >= EnoughToStop && Succeeded.Count == 0)
            || Systemic.Any(failed => failed.Delivery.Record.Topic == record.Topic && failed.Delivery.Record.Key == record.Key);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Count} events failed and is applied in halves: {Reason}")]
    private partial void LogBatchFailed(int count, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Event {Type} failed, attempt 1 of {Attempts}; retry in {Seconds} s")]
    private partial void LogEventFailed(string type, int attempts, double seconds, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Event {Type} is slow and is applied alone, so that others do not wait for it")]
    private partial void LogSlow(string type);

    [LoggerMessage(Level = LogLevel.Error, Message = "Event {Type} failed {Attempts} times and is a dead letter now")]
    private partial void LogDead(string type, int attempts, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Event {Type} ended the process {Attempts} times and is a dead letter now")]
    private partial void LogEndsProcesses(string type, int attempts);

    [LoggerMessage(Level = LogLevel.Error, Message = "The consumer group stands still because nothing can be applied: {Reason}")]
    private partial void LogStandsStill(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Record {Offset} of {Topic}, partition {Partition}, cannot be read and is a dead letter now: {Reason}")]
    private partial void LogUnreadable(string topic, int partition, long offset, string reason);
}
