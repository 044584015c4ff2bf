using EseErp.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace EseErp.EventStore;

/// <summary>
/// One local transaction: what the work changed, the facts it recorded and whatever else it wrote through the scope's
/// <see cref="DbContext"/> are committed together. Never held open across a network call. In a <see cref="Rehearsal"/> all of it is
/// sent as well, and rolled back instead of the commit.
/// </summary>
public sealed class UnitOfWork(DbContext db, Facts facts, Documents documents, EarlyFacts earlyFacts, BatchReads reads, EventLogSignal signal)
{
    private const int Attempts = 4;

    private readonly PendingWrites _writes = PendingWrites.Of(db);

    /// <summary>
    /// Runs the work and commits. A race lost to another transaction (a deadlock, a duplicate key, a version conflict)
    /// is run again from the start, so that the work sees what the winner wrote and can answer to it.
    /// </summary>
    public async Task<T> Run<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await RunOnce(work, cancellationToken);
            }
            catch (Exception exception) when (attempt < Attempts && IsLostRace(exception))
            {
            }
        }
    }

    /// <inheritdoc cref="Run{T}"/>
    public Task Run(Func<CancellationToken, Task> work, CancellationToken cancellationToken) => Run(async token =>
    {
        await work(token);
        return true;
    }, cancellationToken);

    /// <summary>Runs the work and commits, without another attempt. Another unit of work in this scope reads everything again.</summary>
    private async Task<T> RunOnce<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var result = await work(cancellationToken);
            await Commit(cancellationToken);
            return result;
        }
        finally
        {
            // After a commit the locks are gone, and what was read under them may soon be out of date. After a failure what
            // was changed and recorded must not be written by the scope's next unit of work.
            Forget();
        }
    }

    /// <summary>
    /// Writes state and facts and commits the open transaction, in one round trip. The transaction object is only to be disposed of then.
    /// </summary>
    public async Task Commit(CancellationToken cancellationToken)
    {
        int saved;
        _writes.Collects = true;
        try
        {
            saved = await db.SaveChangesAsync(cancellationToken);
        }
        finally
        {
            _writes.Collects = false;
        }

        // Last, as readers of the log wait for whoever has begun to append.
        _writes.AtTheEnd(() => facts.Flush(_writes));
        if ((await _writes.Send(db, atTheEnd: true, cancellationToken) || saved > 0) && !Rehearsal.IsOn) signal.Set();
    }

    /// <summary>Forgets everything this scope has seen and changed, before another attempt.</summary>
    public void Forget()
    {
        db.ChangeTracker.Clear();
        facts.Clear();
        documents.Forget();
        earlyFacts.Forget();
        reads.Clear();
        _writes.Clear();
    }

    /// <summary>Whether another transaction got in the way, so that a new attempt makes sense at once.</summary>
    public static bool IsLostRace(Exception exception) => exception switch
    {
        VersionConflictException or DbUpdateConcurrencyException => true,
        PostgresException postgres => postgres.SqlState
            is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
            or PendingWrites.OtherRowsMet,
        { InnerException: { } inner } => IsLostRace(inner),
        _ => false,
    };

    /// <summary>Whether the database is down for now (restarting, unreachable, out of connections): waiting helps.</summary>
    public static bool IsOutage(Exception exception) => exception switch
    {
        // 25P03: the session was ended because its transaction stood still. 25006: a standby, or read-only for want of space.
        PostgresException postgres => postgres.IsTransient || postgres.SqlState is "25P03" or PostgresErrorCodes.ReadOnlySqlTransaction || postgres.SqlState.StartsWith("57P", StringComparison.Ordinal),
        NpgsqlException => true,
        { InnerException: { } inner } => IsOutage(inner),
        _ => false,
    };
}

/// <summary>A stream moved on while it was being written to.</summary>
public sealed class VersionConflictException() : Exception("Another transaction appended to the same stream first.");
