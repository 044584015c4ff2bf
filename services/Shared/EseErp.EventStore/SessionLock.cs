using Npgsql;

namespace EseErp.EventStore;

/// <summary>
/// Ownership by an advisory lock on a session. A killed process loses it at once, as its connection ends. One that is stopped, or cut off, shows
/// by not using the session any more: whoever wants the lock ends such a session, and with that what it holds.
/// </summary>
/// <remarks>The owner uses its session at least every <see cref="Heartbeat"/>.</remarks>
public static class SessionLock
{
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    /// <summary>A session that was not used for so long is taken to be lost. Longer than an overloaded machine has a process wait.</summary>
    public static readonly TimeSpan Lost = TimeSpan.FromSeconds(6);

    /// <summary>Ends sessions that hold advisory locks of this class and were not used for <see cref="Lost"/>.</summary>
    /// <param name="session">Of the same role: another role's sessions are not ended.</param>
    /// <param name="classId">The first of the lock's two keys, or the upper half of its single key.</param>
    /// <param name="objectId">The second, or the lower half; null: any.</param>
    /// <returns>How many.</returns>
    public static async Task<long> EndLost(NpgsqlConnection session, int classId, int? objectId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select count(pg_terminate_backend(lost.pid)) from (
                select distinct l.pid from pg_locks l join pg_stat_activity a on a.pid = l.pid
                where l.locktype = 'advisory' and l.granted and l.classid = $1::bigint::oid and ($2::bigint is null or l.objid = $2::oid)
                  and l.database = (select oid from pg_database where datname = current_database())
                  and l.pid <> pg_backend_pid() and a.usename = current_user and a.state_change < clock_timestamp() - $3::interval) lost
            """, session);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = (uint)classId });
        command.Parameters.Add(new NpgsqlParameter { Value = objectId is { } id ? (long)(uint)id : DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Lost });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
