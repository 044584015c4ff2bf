using EseErp.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EseErp.Messaging;

/// <summary>
/// Publishes the service's event log to its topic, in order; events that are sent elsewhere go to their topic, in order too.
/// One replica at a time, elected by an advisory lock (<see cref="SessionLock"/>). The position moves only with the broker's
/// acknowledgement, and from where its mover believes it is: a replica that was stopped and believes to lead still moves nothing.
/// </summary>
internal sealed partial class Relay(
    NpgsqlDataSource database, EventLog eventLog, EventLogSignal signal, IBroker broker, BrokerTopics topics,
    Subscriptions subscriptions, EventTypes types, IOptions<MessagingOptions> options, MessagingMetrics metrics, TimeProvider clock, ILogger<Relay> log) : BackgroundService
{
    internal const int LeaderLock = 0x4553454C; // "ESEL"
    private const string Channel = "ese_event_log";
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AfterAFailure = TimeSpan.FromMilliseconds(500);

    // Another replica may reach the broker where this one does not.
    private static readonly TimeSpan LeavesToOthersAfter = TimeSpan.FromSeconds(5);

    // Time enough for another one to ask for the lock.
    private static readonly TimeSpan LeavesToOthersFor = SessionLock.Heartbeat * 2;

    private readonly Dictionary<string, string> _elsewhere = subscriptions.Elsewhere
        .SelectMany(sent => types.NamesOf(sent.Key).Select(name => (name, sent.Value)))
        .ToDictionary(sent => sent.name, sent => sent.Value);

    private readonly PublishedPosition _position = new(database, options.Value.Topic!);
    private readonly Outbox _outbox = new(clock);
    private bool _leavesToOthers;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await topics.Ready.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var session = await database.OpenConnectionAsync(stoppingToken);
                try
                {
                    await Follow(session, stoppingToken);
                    await Lead(session, stoppingToken);
                }
                finally
                {
                    await ServiceDatabase.GiveBack(database, session);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogInterrupted(exception.Message);
            }

            await Task.Delay(_leavesToOthers ? LeavesToOthersFor : AfterAFailure, clock, stoppingToken);
        }
    }

    /// <summary>Waits to become the leader, and tells the leader meanwhile what is appended here.</summary>
    private async Task Follow(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var pace = new Pace(options.Value.Gather);
        while (!await Ask<bool>(session, $"select pg_try_advisory_lock({LeaderLock})", cancellationToken))
        {
            metrics.OutboxAge = null;
            if (await SessionLock.EndLost(session, 0, LeaderLock, cancellationToken) > 0) continue;
            var since = clock.GetTimestamp();
            while (SessionLock.Heartbeat - clock.GetElapsedTime(since) is var left && left > TimeSpan.Zero)
            {
                var appended = signal.Next();
                await EventLogSignal.Wait(appended, left, cancellationToken);
                if (!appended.IsCompleted) continue;
                await pace.Wait(cancellationToken);
                await Ask<object>(session, $"select pg_notify('{Channel}', '')", cancellationToken);
            }
        }
    }

    /// <summary>Publishes as long as the session holds the lock.</summary>
    private async Task Lead(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        LogLeading(options.Value.Topic!);
        _leavesToOthers = false;
        session.Notification += Wake;
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var publishing = Task.CompletedTask;
        try
        {
            await Ask<object>(session, $"listen {Channel}; select 1", cancellationToken);
            metrics.OutboxAge = _outbox.Age;
            publishing = Task.Run(() => PublishAll(leading.Token), CancellationToken.None);
            _ = publishing.ContinueWith(_ => leading.Cancel(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            while (!publishing.IsCompleted)
            {
                await session.WaitAsync(SessionLock.Heartbeat, leading.Token);
                await Ask<int>(session, "select 1", leading.Token);
            }
        }
        catch (OperationCanceledException) when (publishing.IsCompleted)
        {
        }
        finally
        {
            session.Notification -= Wake;
            await leading.CancelAsync();
            await publishing;
            // If nobody else takes over, what waits goes on growing older.
            if (!_leavesToOthers) metrics.OutboxAge = null;
        }

        void Wake(object sender, NpgsqlNotificationEventArgs notification) => signal.Set();
    }

    /// <summary>Ends when another replica has moved the position, leadership is over, or nothing could be published for a while.</summary>
    private async Task PublishAll(CancellationToken cancellationToken)
    {
        var (failingSince, acknowledged) = (clock.GetTimestamp(), _outbox.Acknowledged);
        while (!cancellationToken.IsCancellationRequested)
        {
            var begun = clock.GetTimestamp();
            try
            {
                await using var publisher = await broker.OpenPublisher(options.Value.Topic!, _position, cancellationToken);
                await Publish(publisher, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (PublisherReplacedException exception)
            {
                LogInterrupted(exception.Message);
                return;
            }
            catch (Exception exception)
            {
                LogInterrupted(exception.Message);
                await NoteOldest(cancellationToken);
                if (_outbox.Acknowledged != acknowledged || clock.GetElapsedTime(begun) > LeavesToOthersAfter)
                    (failingSince, acknowledged) = (clock.GetTimestamp(), _outbox.Acknowledged);
                _leavesToOthers = clock.GetElapsedTime(failingSince) > LeavesToOthersAfter;
                if (_leavesToOthers) return;
                await Task.Delay(AfterAFailure, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Publish(ILogPublisher publisher, CancellationToken cancellationToken)
    {
        var (source, most) = (options.Value.Source, options.Value.RelayBatchSize);
        var read = publisher.Acknowledged;
        _outbox.Begin(publisher);
        var pace = new Pace(options.Value.Gather);
        var full = false;
        for (var wait = ShortestWait; ;)
        {
            // Whoever has a batch full need not wait for more.
            if (!full) await pace.Wait(cancellationToken);
            var appended = signal.Next();
            var page = await eventLog.Read(read, most, cancellationToken);
            _outbox.Note(page);
            if (page.Events.Count > 0)
            {
                await publisher.Publish(page.Events.Select(e => Record(e, source)).ToList(), cancellationToken);
                read = page.Events[^1].Position;
                metrics.Published.Add(page.Events.Count);
                wait = ShortestWait;
                full = page.Events.Count == most;
                if (full) continue;
            }

            else
            {
                full = false;
                await publisher.Publish([], cancellationToken);
            }

            // The end of the transaction that hides an event gives no signal: look again soon, then ever less.
            await EventLogSignal.Wait(appended, page.IsBlocked ? wait : PollInterval, cancellationToken);
            wait = page.IsBlocked && wait < LongestWait ? wait * 2 : wait;
        }
    }

    private LoggedRecord Record(RecordedEvent e, string source) =>
        new(e.Position, e.EventId, _elsewhere.GetValueOrDefault(e.Type, options.Value.Topic!), e.Subject, CloudEvent.Write(e, source), EventKind.Of(e.Type, e.Coordination));

    // While nothing can be published, the age of what waits is to be seen all the same.
    private async Task NoteOldest(CancellationToken cancellationToken)
    {
        try
        {
            var page = await eventLog.Read(Math.Max(_outbox.Acknowledged, await _position.Read(cancellationToken)), 1, cancellationToken);
            _outbox.Begin();
            _outbox.Note(page);
        }
        catch (Exception)
        {
            // The database is away too: what was noted before stays.
        }
    }

    private static async Task<T?> Ask<T>(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return await command.ExecuteScalarAsync(cancellationToken) is T answer ? answer : default;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This replica now publishes the event log to {Topic}")]
    private partial void LogLeading(string topic);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Publishing is interrupted and will restart: {Reason}")]
    private partial void LogInterrupted(string reason);

    /// <summary>What waits to be acknowledged.</summary>
    private sealed class Outbox(TimeProvider clock)
    {
        private readonly Lock _lock = new();
        private readonly Queue<(long UpTo, Waiting First)> _waiting = [];
        private ILogPublisher? _publisher;
        private Waiting? _hidden;
        private bool _begins;

        /// <summary>As far as this process has seen.</summary>
        public long Acknowledged => _publisher?.Acknowledged ?? 0;

        /// <summary>The next note counts from the beginning; what was noted before holds until then.</summary>
        public void Begin(ILogPublisher? publisher = null)
        {
            lock (_lock) (_publisher, _begins) = (publisher ?? _publisher, true);
        }

        public void Note(LogPage page)
        {
            lock (_lock)
            {
                if (_begins) _waiting.Clear();
                _begins = false;
                if (page.Events.Count > 0) _waiting.Enqueue((page.Events[^1].Position, Noted(page.Events[0].Time)));
                if (page.OldestHidden != _hidden?.Recorded) _hidden = page.OldestHidden is { } recorded ? Noted(recorded) : null;
            }
        }

        /// <summary>Seconds since the oldest event was recorded that is not acknowledged; 0 when there is none.</summary>
        public double Age()
        {
            lock (_lock)
            {
                while (_waiting.TryPeek(out var first) && first.UpTo <= Acknowledged) _waiting.Dequeue();
                var waiting = _waiting.TryPeek(out var oldest) ? oldest.First : _hidden;
                return waiting is { } noted ? (noted.Age + clock.GetElapsedTime(noted.Moment)).TotalSeconds : 0;
            }
        }

        private Waiting Noted(DateTimeOffset recorded) =>
            new(recorded, clock.GetUtcNow() is var now && now > recorded ? now - recorded : TimeSpan.Zero, clock.GetTimestamp());

        // How old an event was when it was noted; from then on time is counted, whatever the clock is set to.
        private readonly record struct Waiting(DateTimeOffset Recorded, TimeSpan Age, long Moment);
    }
}
