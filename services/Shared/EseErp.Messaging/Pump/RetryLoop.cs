using EseErp.EventStore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EseErp.Messaging;

/// <summary>
/// Tries parked events again when they are due, each in a transaction of its own, several at once. What is through lets its key's next one
/// follow; what has failed as often as its policy allows becomes a dead letter, and its followers with it. Those that take long are tried among
/// their like, so that the others do not wait for them.
/// </summary>
internal sealed partial class RetryLoop(
    Retries retries, EventApplication application, ConsumerDispatch dispatch, GroupTrouble trouble, DatabaseOutages outages,
    IOptions<MessagingOptions> options, ILogger<RetryLoop> log)
{
    // What another replica has parked before it ended is found by looking.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan AfterAFailure = TimeSpan.FromSeconds(1);

    // Somebody works on another event of the key.
    private static readonly TimeSpan WhileBusy = TimeSpan.FromMilliseconds(100);

    // How long a claim holds. Longer work is not disturbed: another one then finds its row locked.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private const int MostRaces = 5;

    public Task Run(CancellationToken cancellationToken) => Task.WhenAll(Run(slow: false, cancellationToken), Run(slow: true, cancellationToken));

    private async Task Run(bool slow, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(options.Value.Consume.Workers);
        try
        {
            while (true)
            {
                var changed = retries.Changed();
                await slots.WaitAsync(cancellationToken);
                var (retry, wait) = await Claim(slow, slots, cancellationToken);
                if (retry is not null)
                {
                    _ = Task.Run(() => Work(retry, slots, cancellationToken), CancellationToken.None);
                    continue;
                }

                await EventLogSignal.Wait(changed, wait > ShortestWait ? wait : ShortestWait, cancellationToken);
            }
        }
        finally
        {
            // Whoever stops the pump relies on nothing being applied any more.
            for (var slot = 0; slot < options.Value.Consume.Workers; slot++) await slots.WaitAsync(CancellationToken.None);
        }
    }

    // Keeps the slot only for what it has claimed.
    private async Task<(Retry? Retry, TimeSpan Wait)> Claim(bool slow, SemaphoreSlim slots, CancellationToken cancellationToken)
    {
        Retry? retry = null;
        try
        {
            retry = await retries.Claim(Lease, slow, cancellationToken);
            if (retry is not null) return (retry, TimeSpan.Zero);
            return (null, await retries.NextDue(slow, cancellationToken) is { } due && due < LookInterval ? due : LookInterval);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotLookedUp(exception.Message);
            return (null, AfterAFailure);
        }
        finally
        {
            if (retry is null) slots.Release();
        }
    }

    private async Task Work(Retry retry, SemaphoreSlim slots, CancellationToken cancellationToken)
    {
        try
        {
            await Try(retry, cancellationToken);
        }
        catch (Exception exception)
        {
            // The claim runs out, and it is tried again.
            if (cancellationToken.IsCancellationRequested) return;
            var isSystemic = GroupTrouble.IsSystemic(exception);
            if (!isSystemic || trouble.Pause(exception)) LogNotLookedUp(exception.Message);
            if (isSystemic) await LeaveUncounted(retry, cancellationToken);
        }
        finally
        {
            retries.Wake();
            slots.Release();
        }
    }

    // What came of the attempt could not be written down, and nor may this be. Then the attempt counts.
    private async Task LeaveUncounted(Retry retry, CancellationToken cancellationToken)
    {
        try
        {
            await retries.Postpone(retry, trouble.PauseOf(retry.Record.Partition), counts: false, null, retry.Slow, cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException or InvalidOperationException)
        {
        }
    }

    private async Task Try(Retry retry, CancellationToken cancellationToken)
    {
        Delivery? delivery;
        try
        {
            delivery = application.Read(retry.Record);
        }
        catch (UnreadableEventException exception)
        {
            await outages.Wait(() => application.GiveUp(retry, exception.Reason, exception, cancellationToken), cancellationToken);
            return;
        }

        using var scope = delivery is null ? null : log.BeginScope(EventApplication.LogScope(delivery.Event));
        var policy = delivery is null ? RetryPolicy.Default : dispatch.RetryPolicyOf(retry.Record.Topic, delivery.Event.Message.GetType());
        if (retry.Attempts > policy.Attempts)
        {
            LogDead(retry.Type, policy.Attempts, "the process ended in the last attempt");
            await outages.Wait(() => application.GiveUp(
                retry with { Attempts = policy.Attempts }, DeadLetterReason.Exhausted,
                new InvalidOperationException("The process ended in the last attempt to apply this event."), cancellationToken), cancellationToken);
            return;
        }

        for (var race = 1; ; race++)
        {
            try
            {
                await outages.Wait(() => application.Retry(retry, cancellationToken), cancellationToken);
                if (delivery is not null) trouble.Applied([delivery]);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (UnitOfWork.IsLostRace(exception) && race < MostRaces) continue;
                await Fail(retry, policy, exception, cancellationToken);
                return;
            }
        }
    }

    private async Task Fail(Retry retry, RetryPolicy policy, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is KeyIsBusyException)
        {
            await Postpone(retry, WhileBusy, counts: false, null, retry.Slow, cancellationToken);
        }
        else if (Inbox.WaitedForLock(exception))
        {
            await Postpone(retry, policy.PauseAfter(retry.Attempts), counts: false, exception.Message, slow: true, cancellationToken);
        }
        else if (exception is TooSlowException && !retry.Slow)
        {
            LogSlow(retry.Type);
            await Postpone(retry, TimeSpan.Zero, counts: false, exception.Message, slow: true, cancellationToken);
        }
        else if (GroupTrouble.IsSystemic(exception) && !trouble.IsItsOwn(retry.Record, retry.Type, othersSucceed: false))
        {
            trouble.Pause(exception);
            var pause = trouble.PauseOf(retry.Record.Partition);
            await Postpone(retry, pause, counts: false, exception.Message, retry.Slow, cancellationToken);
        }
        else if (retry.Attempts < policy.Attempts && !ConflictException.IsBehind(exception))
        {
            var pause = policy.PauseAfter(retry.Attempts);
            LogFailed(retry.Type, retry.Attempts, policy.Attempts, pause.TotalSeconds, exception.Message);
            await Postpone(retry, pause, counts: true, exception.Message, retry.Slow, cancellationToken);
        }
        else
        {
            LogDead(retry.Type, retry.Attempts, exception.Message);
            var reason = ConflictException.IsBehind(exception) ? DeadLetterReason.Conflict : DeadLetterReason.Exhausted;
            await outages.Wait(() => application.GiveUp(retry, reason, exception, cancellationToken), cancellationToken);
            trouble.Forget(retry.Record);
        }
    }

    private Task Postpone(Retry retry, TimeSpan pause, bool counts, string? error, bool slow, CancellationToken cancellationToken) =>
        outages.Wait(() => retries.Postpone(retry, pause, counts, error, slow, cancellationToken), cancellationToken);

    // The first failure was logged with its stack trace; the letter has the last one's.
    [LoggerMessage(Level = LogLevel.Warning, Message = "Event {Type} failed, attempt {Attempt} of {Attempts}; retry in {Seconds} s: {Reason}")]
    private partial void LogFailed(string type, int attempt, int attempts, double seconds, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Event {Type} failed {Attempts} times and is a dead letter now: {Reason}")]
    private partial void LogDead(string type, int attempts, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Event {Type} is slow and is retried with other slow events, so that others do not wait for it")]
    private partial void LogSlow(string type);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Retrying parked events was interrupted and will continue: {Reason}")]
    private partial void LogNotLookedUp(string reason);
}
