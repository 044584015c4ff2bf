using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging;

/// <summary>A letter that failed again; what is behind it still waits.</summary>
public sealed record RedriveFailure(long Id, string Topic, string Key, string Error);

/// <summary>A letter is not re-driven before the key's earlier events that are still being tried.</summary>
internal sealed class EarlierIsTriedException() : Exception("An earlier event of this key is being tried again. Try again when it is through.");

/// <summary>What came of discarding a letter.</summary>
internal enum DiscardOutcome
{
    Discarded,

    /// <summary>Somebody re-drove or discarded it before.</summary>
    ClosedBefore,
}

/// <summary>
/// Applies dead letters again, key by key and in the order they came, each in a transaction of its own. A key ends at the
/// first letter that fails again. When its last letter is through, the key's new records are applied as they come. What goes by itself is
/// tried as often as its consumer's policy says before a person is needed, and what fails by nobody's fault stays as it is.
/// </summary>
internal sealed partial class DeadLetterRedrive(
    DeadLetters letters, EventApplication application, Inbox inbox, ConsumerDispatch dispatch, GroupTrouble trouble, IServiceScopeFactory scopes,
    IOptions<MessagingOptions> options, ILogger<DeadLetterRedrive> log)
{
    private const int PageSize = 500;

    // After a lost race, or where a run waits for the database.
    private const int Attempts = 5;

    /// <summary>Re-drives the open letters of a letter's key, from the first on, those included that come in meanwhile. One without a key stands alone.</summary>
    /// <param name="run">The re-drive of many that this is part of.</param>
    /// <param name="mayGoOn">Asked between letters; null: it may.</param>
    public async Task<(int Redriven, RedriveFailure? Failure)> Redrive(
        DeadLetter letter, long? run, Func<Task<bool>>? mayGoOn, CancellationToken cancellationToken)
    {
        if (letter.Key.Length == 0) return await Try(letter, run, byItself: false, cancellationToken) is { } failure ? (0, failure) : (1, null);
        return await RedriveWhile(letter.Topic, letter.Key, _ => true, run, mayGoOn, byItself: false, cancellationToken);
    }

    /// <summary>
    /// Re-drives what waits for nothing any more, from a letter that is the first of its key, up to one that a person has to decide on.
    /// </summary>
    /// <param name="known">The event types this build knows.</param>
    /// <returns>The letter that failed, if one did.</returns>
    public async Task<RedriveFailure?> Release(DeadLetter letter, IReadOnlySet<string> known, CancellationToken cancellationToken)
    {
        if (letter.Key.Length == 0) return await Try(letter, null, byItself: true, cancellationToken);
        return (await RedriveWhile(letter.Topic, letter.Key, IsFree, null, null, byItself: true, cancellationToken)).Failure;

        bool IsFree(DeadLetter next) =>
            next.Reason == DeadLetterReason.Behind || (next.Reason == DeadLetterReason.UnknownVersion && next.Type is { } type && known.Contains(type));
    }

    /// <summary>
    /// Discards a letter, so that its record is never applied, also when it is read again. What waits behind it, and behind nothing
    /// else, is re-driven.
    /// </summary>
    public async Task<(DiscardOutcome Outcome, int Redriven, RedriveFailure? Failure)> Discard(
        DeadLetter letter, string reason, string by, CancellationToken cancellationToken)
    {
        if (!await TryDiscard(letter, reason, by, cancellationToken)) return (DiscardOutcome.ClosedBefore, 0, null);
        LogDiscarded(letter.Id, letter.Topic, letter.Key, by, reason);
        if (letter.Key.Length == 0) return (DiscardOutcome.Discarded, 0, null);
        var (redriven, failure) = await RedriveWhile(
            letter.Topic, letter.Key, next => next.Reason == DeadLetterReason.Behind, null, null, byItself: true, cancellationToken);
        return (DiscardOutcome.Discarded, redriven, failure);
    }

    private async Task<(int Redriven, RedriveFailure? Failure)> RedriveWhile(
        string topic, string key, Predicate<DeadLetter> goesOn, long? run, Func<Task<bool>>? mayGoOn, bool byItself, CancellationToken cancellationToken)
    {
        var redriven = 0;
        while (true)
        {
            var lane = -1;
            while (await letters.OfKey(topic, key, PageSize, cancellationToken) is { Count: > 0 } open)
                foreach (var letter in open)
                {
                    if (!goesOn(letter)) return (redriven, null);
                    if (mayGoOn is not null && redriven > 0 && !await mayGoOn()) return (redriven, null);
                    if (await Try(letter, run, byItself, cancellationToken) is { } failure) return (redriven, failure);
                    redriven++;
                    lane = letter.Partition;
                }

            if (lane < 0) return (redriven, null);
            // A batch that began before the last one was through has set its own behind it.
            await inbox.WaitForBatches(options.Value.Group, lane, cancellationToken);
        }
    }

    private async Task<bool> TryDiscard(DeadLetter letter, string reason, string by, CancellationToken cancellationToken)
    {
        // With a version that is not known the event is not applied by a later build either.
        var e = application.ReadAny(letter.Record);
        return await inbox.WithPartitions(e is null ? [] : [e], () => TryDiscard(letter, e, reason, by, cancellationToken), cancellationToken);
    }

    private async Task<bool> TryDiscard(DeadLetter letter, ReceivedEvent? e, string reason, string by, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var (db, reads) = (scope.ServiceProvider.GetRequiredService<DbContext>(), scope.ServiceProvider.GetRequiredService<BatchReads>());
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await Inbox.LockKey(db, options.Value.Group, letter.Record, options.Value.AttemptLimit, waits: true, cancellationToken);
        if (e is not null) Inbox.EnterSetAside(options.Value.Group, e, reads);
        await reads.Execute(cancellationToken);
        if (!await DeadLetters.Discard(db, letter, reason, by, cancellationToken)) return false;
        await scope.ServiceProvider.GetRequiredService<UnitOfWork>().Commit(cancellationToken);
        return true;
    }

    private async Task<RedriveFailure?> Try(DeadLetter letter, long? run, bool byItself, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (await application.Redrive(letter, run, cancellationToken)) LogRedriven(letter.Id, letter.Topic, letter.Key);
                if (application.Read(letter.Record) is { } applied) trouble.Applied([applied]);
                return null;
            }
            catch (EarlierIsTriedException exception)
            {
                // It was not tried, and stays as it is.
                return new RedriveFailure(letter.Id, letter.Topic, letter.Key, exception.Message);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (UnitOfWork.IsLostRace(exception) && attempt < Attempts) continue;
                if (run is not null && UnitOfWork.IsOutage(exception) && attempt < Attempts)
                {
                    // Nobody waits for an answer, and a database that is back soon costs no key its place.
                    await Task.Delay(TimeSpan.FromSeconds(attempt), cancellationToken);
                    continue;
                }

                // The letter keeps the stack trace.
                LogFailed(letter.Id, letter.Topic, letter.Key, exception.Message);
                if (!UnitOfWork.IsOutage(exception)) await NoteFailure(letter, exception, byItself, cancellationToken);
                return new RedriveFailure(letter.Id, letter.Topic, letter.Key, exception.Message);
            }
        }
    }

    private async Task NoteFailure(DeadLetter letter, Exception exception, bool byItself, CancellationToken cancellationToken)
    {
        if (byItself && GroupTrouble.IsSystemic(exception) && !trouble.IsItsOwn(letter.Record, letter.Type ?? "", othersSucceed: false)) return;
        var pause = byItself ? PauseBeforeNext(letter, exception) : null;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (pause is { } time) await DeadLetters.NoteAttempt(db, letter, exception, time, cancellationToken);
        else await DeadLetters.NoteFailure(db, letter, exception, cancellationToken);
        await scope.ServiceProvider.GetRequiredService<UnitOfWork>().Commit(cancellationToken);
    }

    /// <summary>How long to wait before it is tried again; null when it is not, and a person is needed.</summary>
    private TimeSpan? PauseBeforeNext(DeadLetter letter, Exception exception)
    {
        if (exception is UnreadableEventException || ConflictException.IsBehind(exception) || application.Read(letter.Record) is not { } delivery) return null;
        var (policy, attempts) = (dispatch.RetryPolicyOf(letter.Topic, delivery.Event.Message.GetType()), letter.Attempts + 1);
        return attempts < policy.Attempts ? policy.PauseAfter(attempts) : null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Dead letter {Id} of {Topic}, key {Key}, re-driven")]
    private partial void LogRedriven(long id, string topic, string key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Dead letter {Id} of {Topic}, key {Key}, failed again: {Reason}")]
    private partial void LogFailed(long id, string topic, string key, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Dead letter {Id} of {Topic}, key {Key}, discarded by {By}: {Reason}")]
    private partial void LogDiscarded(long id, string topic, string key, string by, string reason);
}
