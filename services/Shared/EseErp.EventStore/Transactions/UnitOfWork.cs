using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EseErp.EventStore;

/// <summary>
/// One local transaction: what the work changed, the facts it recorded and whatever else it wrote through the scope's
/// <see cref="DbContext"/> are committed together. Never held open across a network call.
/// </summary>
public sealed class UnitOfWork(DbContext db, Facts facts, Documents documents, EarlyFacts earlyFacts, EventLogSignal signal)
{
    private const int Attempts = 4;

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

    /// <summary>Runs the work and commits, without another attempt. Another unit of work in this scope reads everything anew.</summary>
    private async Task<T> RunOnce<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var result = await work(cancellationToken);
            await Save(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            signal.Set();
            return result;
        }
        finally
        {
            // After a commit the locks are gone, and what was read under them may soon be out of date. After a failure what
            // was changed and recorded must not be written by the scope's next unit of work.
            Forget();
        }
    }

    /// <summary>Writes state and facts into the open transaction.</summary>
    public async Task Save(CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken);
        if (await facts.Flush(cancellationToken) == AppendResult.VersionConflict) throw new VersionConflictException();
    }

    /// <summary>Forgets everything this scope has seen and changed, before another attempt.</summary>
    public void Forget()
    {
        db.ChangeTracker.Clear();
        facts.Clear();
        documents.Forget();
        earlyFacts.Forget();
    }

    /// <summary>Whether another transaction got in the way, so that a new attempt makes sense at once.</summary>
    public static bool IsLostRace(Exception exception) => exception switch
    {
        VersionConflictException or DbUpdateConcurrencyException => true,
        PostgresException postgres => postgres.SqlState
            is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure,
        { InnerException: { } inner } => IsLostRace(inner),
        _ => false,
    };

    /// <summary>Whether the database is away for now (restarting, unreachable, out of connections): waiting helps.</summary>
    public static bool IsOutage(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.IsTransient || postgres.SqlState.StartsWith("57P", StringComparison.Ordinal),
        NpgsqlException => true,
        { InnerException: { } inner } => IsOutage(inner),
        _ => false,
    };
}

/// <summary>A stream moved on while it was being written to.</summary>
public sealed class VersionConflictException() : Exception("Another transaction appended to the same stream first.");
