using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace EseErp.ServiceDefaults;

/// <summary>
/// The faults of this process: what is set, and the places where it strikes. They live in memory, so a restart lifts them.
/// Latency, errors and hanging strike requests and consumed messages alike; see docs/decisions/0008-faults.md.
/// </summary>
public sealed partial class Faults : IDisposable
{
    private readonly Lock access = new();
    private readonly TimeProvider clock;
    private readonly ILogger<Faults> logger;
    private readonly Meter meter = new("EseErp.Faults");
    private readonly Counter<long> strikes;
    private readonly UpDownCounter<int> active;
    private volatile Period period;

    public Faults(TimeProvider clock, ILogger<Faults> logger)
    {
        (this.clock, this.logger) = (clock, logger);
        period = new Period(FaultSet.None, null, null);
        strikes = meter.CreateCounter<long>("ese_fault_strikes", "strikes", "Requests, messages and commands that a fault affected.");
        active = meter.CreateUpDownCounter<int>("ese_fault_active", "faults", "1 for a fault that is set, 0 for one that was lifted.");
    }

    /// <summary>What is set.</summary>
    public FaultSet Set => period.Set;

    /// <summary>Completes when another set takes the place of this one.</summary>
    public Task Change => period.Over;

    internal bool AreSet => period.SetAt is not null;

    internal FaultsView View => new(period.Set, period.SetAt, period.LiftsAt);

    /// <summary>Replaces the whole set. What waits because of the old one continues.</summary>
    public void Put(FaultSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var nothing = !set.Kinds().Any();
        if (nothing && !AreSet) return;
        var now = clock.GetUtcNow();
        var limit = nothing || set.ForSeconds is not { } seconds ? (TimeSpan?)null : TimeSpan.FromSeconds(seconds);
        var next = nothing ? new Period(FaultSet.None, null, null) : new Period(set, now, now + limit);
        Replace(_ => true, next);
        if (nothing) LogLifted("by request");
        else LogSet(string.Join(", ", set.Kinds().Select(kind => kind.Measure)), next.LiftsAt is { } end ? $"until {end:u}" : "until they are lifted");
        if (limit is not null) next.Timer = clock.CreateTimer(_ => Expire(next), null, limit.Value, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Holds messages up before they are applied, outside any transaction: side by side, hence as long as the slowest.</summary>
    /// <exception cref="OperationCanceledException">Only if the token says so.</exception>
    public Task BeforeMessages(int count, CancellationToken cancellationToken) =>
        AreSet && count > 0 ? HoldUp("message", count, cancellationToken) : Task.CompletedTask;

    /// <summary>Fails an attempt of a consumer.</summary>
    /// <exception cref="FaultException">When it drew an error.</exception>
    public void OnMessage()
    {
        if (DrawsError("message")) throw new FaultException();
    }

    /// <summary>Holds up a command to the service's database.</summary>
    public async ValueTask BeforeCommand(CancellationToken cancellationToken)
    {
        var current = period;
        if (current.Set.DatabaseDelayMilliseconds <= 0) return;
        Count(FaultNames.SlowDatabase, "command");
        await Wait(current, TimeSpan.FromMilliseconds(current.Set.DatabaseDelayMilliseconds), cancellationToken);
    }

    internal Task BeforeRequest(CancellationToken cancellationToken) => HoldUp("request", 1, cancellationToken);

    internal bool FailsRequest() => DrawsError("request");

    internal bool RefusesRequest()
    {
        if (!period.Set.RefuseConnections) return false;
        Count(FaultNames.RefusedConnections, "request");
        return true;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        // Whoever waits is let go, so that stopping need not wait for a fault.
        Replace(_ => true, new Period(FaultSet.None, null, null));
        meter.Dispose();
    }

    private async Task HoldUp(string what, int count, CancellationToken cancellationToken)
    {
        var current = period;
        if (current.Set.Latency is { } latency)
        {
            var longest = TimeSpan.Zero;
            for (var each = 0; each < count; each++)
                if (current.Draws(what).Latency(latency) is var drawn && drawn > longest) longest = drawn;
            Count(FaultNames.Latency, what, count);
            await Wait(current, longest, cancellationToken);
        }

        for (var counted = false; period is { Set.Hang: true } hanging; counted = true)
        {
            if (!counted) Count(FaultNames.Hang, what, count);
            await hanging.Over.WaitAsync(cancellationToken);
        }
    }

    private async Task Wait(Period current, TimeSpan time, CancellationToken cancellationToken)
    {
        if (time <= TimeSpan.Zero) return;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(Task.Delay(time, clock, ending.Token), current.Over);
        await ending.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private bool DrawsError(string what)
    {
        var current = period;
        if (current.Set.ErrorRate <= 0 || !current.Draws(what).Error(current.Set.ErrorRate)) return false;
        Count(FaultNames.Errors, what);
        return true;
    }

    private void Expire(Period expired)
    {
        if (Replace(current => ReferenceEquals(current, expired), new Period(FaultSet.None, null, null))) LogLifted("their time is over");
    }

    private bool Replace(Predicate<Period> when, Period next)
    {
        Period last;
        lock (access)
        {
            last = period;
            if (!when(last)) return false;
            period = next;
            foreach (var (fault, _) in last.Set.Kinds()) active.Add(-1, new KeyValuePair<string, object?>("fault", fault));
            foreach (var (fault, _) in next.Set.Kinds()) active.Add(1, new KeyValuePair<string, object?>("fault", fault));
        }

        last.End();
        return true;
    }

    private void Count(string fault, string what, int count = 1) =>
        strikes.Add(count, new KeyValuePair<string, object?>("fault", fault), new KeyValuePair<string, object?>("on", what));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Faults set, {Until}: {Faults}")]
    private partial void LogSet(string faults, string until);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Faults lifted: {Reason}")]
    private partial void LogLifted(string reason);

    /// <summary>From one setting of the faults to the next.</summary>
    private sealed class Period(FaultSet set, DateTimeOffset? setAt, DateTimeOffset? liftsAt)
    {
        private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Draws requests = new(set.Seed);
        private readonly Draws messages = new(set.Seed);

        public FaultSet Set => set;

        public DateTimeOffset? SetAt => setAt;

        public DateTimeOffset? LiftsAt => liftsAt;

        public ITimer? Timer { get; set; }

        public Task Over => over.Task;

        public Draws Draws(string what) => what == "request" ? requests : messages;

        public void End()
        {
            Timer?.Dispose();
            over.TrySetResult();
        }
    }

    /// <summary>Latencies and errors have a sequence each, so that one does not shift the other.</summary>
    private sealed class Draws(int? seed)
    {
        private readonly Lock access = new();
        private readonly Random latencies = seed is { } value ? new Random(value) : new Random();
        private readonly Random errors = seed is { } value ? new Random(value) : new Random();

        public TimeSpan Latency(LatencyFault latency)
        {
            lock (access) return latency.Draw(latencies);
        }

        public bool Error(double rate)
        {
            lock (access) return errors.NextDouble() < rate;
        }
    }
}

/// <summary>A consumer failed because a fault was set.</summary>
public sealed class FaultException() : Exception("An injected fault failed this attempt.");
