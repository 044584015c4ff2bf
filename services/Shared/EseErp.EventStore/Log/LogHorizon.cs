using System.Diagnostics;
using Npgsql;

namespace EseErp.EventStore;

/// <summary>
/// Up to which position of an append-only table everything is decided: committed and visible, or never to come. Positions come from the
/// table's identity column, <c>position</c>.
/// </summary>
/// <remarks>
/// A position that is given out and not visible belongs to a transaction that is open or was rolled back. Whoever inserts holds the
/// insert's lock on the table before it gets a position and until its transaction ends. So: note the last position given out, then
/// look who holds that lock. Once those are gone, however many have come since, everything up to the noted position is decided.
/// Transactions that have not written to this table delay nobody.
/// </remarks>
/// <param name="table">Its name with the schema.</param>
public sealed class LogHorizon(NpgsqlDataSource database, string table) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly string _sequence = $"{table}_position_seq";
    private (long Candidate, HashSet<string> Open)? _pending;
    private long _settled;

    /// <summary>Looks once more and tells the position up to which everything is decided; it goes back only with the database.</summary>
    public async Task<long> Look(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var (candidate, open) = await Ask(cancellationToken);
            // The database was restored from an older copy meanwhile, or a standby has taken over that had not heard everything.
            if (candidate < _settled) (_settled, _pending) = (0, null);
            if (_pending is { } pending)
            {
                pending.Open.IntersectWith(open);
                if (pending.Open.Count > 0) return _settled;
                _settled = Math.Max(_settled, pending.Candidate);
                _pending = null;
            }

            if (open.Count == 0) _settled = Math.Max(_settled, candidate);
            else if (candidate > _settled) _pending = (candidate, open);
            return _settled;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>
    /// Waits until everything up to the last position given out now is decided, but not longer than a limit, and tells what then is.
    /// </summary>
    public async Task<long> Settle(TimeSpan limit, CancellationToken cancellationToken)
    {
        var (last, _) = await Ask(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        for (var wait = TimeSpan.FromMilliseconds(1); ; wait *= 2)
        {
            if (await Look(cancellationToken) is var settled && (settled >= last || Stopwatch.GetElapsedTime(started) + wait > limit)) return settled;
            await Task.Delay(wait, cancellationToken);
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<(long Candidate, HashSet<string> Open)> Ask(CancellationToken cancellationToken)
    {
        // Two statements, as the position has to be known before the locks are looked at. A prepared transaction has no process and counts as well.
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"select case when is_called then last_value else 0 end from {_sequence}"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            """
            select virtualtransaction from pg_locks
            where locktype = 'relation' and relation = $1::regclass and mode = 'RowExclusiveLock' and granted
              and database = (select oid from pg_database where datname = current_database())
            """) { Parameters = { new NpgsqlParameter<string> { TypedValue = table } } });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var candidate = reader.GetInt64(0);
        var open = new HashSet<string>();
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) open.Add(reader.GetString(0));
        return (candidate, open);
    }
}
