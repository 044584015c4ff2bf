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
/// If a batch fails it is rolled back and applied in halves, until the events that fail are found. Each is parked (<see cref="Retries"/>) and
/// tried again after growing pauses, as its consumer's <see cref="RetryAttribute"/> says; then it becomes a dead letter, as a record that
/// cannot be read does at once. Later records of the same key wait behind it, and everything else goes on. A failure that strikes
/// everything makes the group pause (<see cref="GroupTrouble"/>). An event that ends the process is found by its attempts, which are
/// counted in the database before they are made.
/// </remarks>
internal sealed partial class Pump(
    EventApplication application, IBroker broker, GroupOffsets offsets, GroupPositions positions, BrokerTopics topics, Subscriptions subscriptions,
    ConsumerDispatch dispatch, PumpControl control, Retries retries, RetryLoop retryLoop, GroupTrouble trouble, DatabaseOutages outages,
    MessagingMetrics metrics, IOptions<MessagingOptions> options, ILogger<Pump> log) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    // The second process that begins where another has not got further goes carefully; one that is tried for the fourth time is given up.
    private const int SuspiciousBegins = 2;
    private const int MostTries = 3;
    private const int MostRaces = 5;

    private static readonly TimeSpan StoreInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StoreLimit = TimeSpan.FromSeconds(2);

    private readonly record struct Place(string Topic, int Partition);

    // How many processes in a row have begun at a partition's offset, the last of them this one; see WhereToBeCareful.
    private readonly ConcurrentDictionary<Place, int> _begun = new();

    // One at a time, or the one that ends the process would take others' attempts with it.
    private readonly SemaphoreSlim _careful = new(1, 1);

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
                await outages.Wait(() => application.GiveUp(record, null, DeadLetterReason.Unreadable, exception, 1, cancellationToken), cancellationToken);
            }
        }

        if (deliveries.Count == 0)
        {
            consumer.Commit(batch, []);
            return;
        }

        var moves = consumer.Moves(batch.Records);
        var pass = new Pass(await WhereToBeCareful(moves, cancellationToken));
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
                await outages.Wait(() => application.Apply(deliveries, moves, cancellationToken), cancellationToken);
                trouble.Applied(deliveries);
                pass.Succeeded.UnionWith(deliveries.Select(delivery => delivery.Event.Type));
                return true;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !GroupOffsets.WereElsewhere(exception))
            {
                if (UnitOfWork.IsLostRace(exception) && race < MostRaces) continue;
                if (deliveries.Count > 1 && pass.LastFailure is null) LogBatchFailed(deliveries.Count, exception.Message);
                pass.LastFailure = exception;
                return false;
            }
        }
    }

    /// <summary>Applies in halves what failed together, and again in halves what fails then, until each event that fails is alone.</summary>
    private async Task Divide(List<Delivery> failed, Pass pass, CancellationToken cancellationToken)
    {
        if (failed is [var culprit])
        {
            await SetAside(culprit, pass.LastFailure!, pass, cancellationToken);
            return;
        }

        var half = failed.Count / 2;
        foreach (var part in new[] { failed[..half], failed[half..] })
        {
            var due = part.Where(delivery => !pass.HoldsUp(delivery.Record)).ToList();
            pass.Left.AddRange(part.Except(due));
            if (due.Count > 0 && !await TryTogether(due, [], pass, cancellationToken)) await Divide(due, pass, cancellationToken);
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

        await Park(delivery, exception, cancellationToken);
    }

    private async Task Park(Delivery delivery, Exception exception, CancellationToken cancellationToken)
    {
        using var scope = log.BeginScope(EventApplication.LogScope(delivery.Event));
        var policy = dispatch.RetryPolicyOf(delivery.Record.Topic, delivery.Event.Message.GetType());
        if (ConflictException.IsBehind(exception) || policy.Attempts == 1)
        {
            LogDead(delivery.Event.Type, 1, exception);
            var reason = ConflictException.IsBehind(exception) ? DeadLetterReason.Conflict : DeadLetterReason.Exhausted;
            await outages.Wait(() => application.GiveUp(delivery.Record, delivery.Event, reason, exception, 1, cancellationToken), cancellationToken);
            trouble.Forget(delivery.Record);
            return;
        }

        LogEventFailed(delivery.Event.Type, policy.Attempts, policy.PauseAfter(1).TotalSeconds, exception);
        await outages.Wait(() => application.Park(delivery, policy.PauseAfter(1), exception, cancellationToken), cancellationToken);
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

    private static Place PlaceOf(BrokerRecord record) => new(record.Topic, record.Partition);

    public override void Dispose()
    {
        _careful.Dispose();
        base.Dispose();
    }

    private static TimeSpan Longer(TimeSpan pause) => TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));

    /// <summary>What came of a batch that is not applied as a whole.</summary>
    private sealed class Pass(HashSet<Place> careful)
    {
        private const int EnoughToStop = 2;

        public HashSet<Place> Careful { get; } = careful;

        /// <summary>Event types of which one was applied.</summary>
        public HashSet<string> Succeeded { get; } = [];

        /// <summary>Failed for a reason that may strike everything.</summary>
        public List<(Delivery Delivery, Exception Exception)> Systemic { get; } = [];

        /// <summary>Not tried, as an earlier one of the key failed so or enough others have.</summary>
        public List<Delivery> Left { get; } = [];

        public Exception? LastFailure { get; set; }

        /// <summary>Whether something of the partition has to come again.</summary>
        public bool Stands(Place place) =>
            Systemic.Any(failed => PlaceOf(failed.Delivery.Record) == place) || Left.Any(left => PlaceOf(left.Record) == place);

        /// <summary>Whether a record is not to be tried in this pass.</summary>
        public bool HoldsUp(BrokerRecord record) =>
            (Systemic.Count >= EnoughToStop && Succeeded.Count == 0)
            || Systemic.Any(failed => failed.Delivery.Record.Topic == record.Topic && failed.Delivery.Record.Key == record.Key);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Count} records was not applied and comes again")]
    private partial void LogBatchNotApplied(int count, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Count} events failed and is applied in halves: {Reason}")]
    private partial void LogBatchFailed(int count, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Event {Type} failed, attempt 1 of {Attempts}; tried again in {Seconds} s")]
    private partial void LogEventFailed(string type, int attempts, double seconds, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Event {Type} failed {Attempts} times and is a dead letter now")]
    private partial void LogDead(string type, int attempts, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Event {Type} ended the process {Attempts} times and is a dead letter now")]
    private partial void LogEndsProcesses(string type, int attempts);

    [LoggerMessage(Level = LogLevel.Error, Message = "The consumer group stands still, as nothing can be applied: {Reason}")]
    private partial void LogStandsStill(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Record {Offset} of {Topic}, partition {Partition}, cannot be read and is a dead letter now: {Reason}")]
    private partial void LogUnreadable(string topic, int partition, long offset, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Offsets of records that were passed over are not stored yet: {Reason}")]
    private partial void LogNotStored(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker did not answer as expected: {Reason}")]
    private partial void LogBrokerFailed(string reason);
}
