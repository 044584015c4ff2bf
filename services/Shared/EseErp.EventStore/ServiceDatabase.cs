using System.Data;
using EseErp.ServiceDefaults;
using Npgsql;

namespace EseErp.EventStore;

/// <summary>How a service opens its databases.</summary>
public static class ServiceDatabase
{
    // Of each connection: what a service says again and again, and room for what it says seldom.
    private const int PreparedStatements = 200;

    /// <summary>After which a session is ended whose transaction stands still.</summary>
    public static readonly TimeSpan LongestStandstill = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Opens a pool whose connections prepare by themselves what is said repeatedly: to parse and plan a statement costs more
    /// than to run it. A connection string that names <c>Max Auto Prepare</c> decides for itself; 0 suits a pooler between.
    /// A connection comes back to the pool as it is, for to reset it would take a statement of its own before every other one:
    /// whoever takes a lock or listens for the length of a session gives that back (<see cref="GiveBack"/>), and a setting is set for a transaction only.
    /// </summary>
    public static NpgsqlDataSource Open(string connectionString)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString);
        if (!connection.ShouldSerialize("Max Auto Prepare")) connection.MaxAutoPrepare = PreparedStatements;
        connection.NoResetOnClose = true;
        // Nothing of ours holds a transaction open across a call: one that stands still has lost its process, and others wait for it.
        connection.Options = $"-c idle_in_transaction_session_timeout={(int)LongestStandstill.TotalMilliseconds} -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 {connection.Options}".TrimEnd();
        return NpgsqlDataSource.Create(connection);
    }

    /// <summary>
    /// Tries whether the database takes what is written now. Rows would not tell, as there is often room for some more in the pages of a table; so
    /// some 200 KB go into a temporary file where the database's tables are, and are gone at once. Nothing stays, not even a transaction's number.
    /// </summary>
    /// <exception cref="UnusableException">It answers, and takes nothing.</exception>
    public static async Task TryWriting(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        // A standby is read-only as well, and a database whose owner has made it so.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "select set_config('work_mem', '64kB', true), set_config('temp_tablespaces', '', true), current_setting('transaction_read_only') = 'on'"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select count(*) from generate_series(1, 10000) as n"));
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            if (reader.GetBoolean(2)) throw new UnusableException("it is read-only");
            await reader.NextResultAsync(cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.DiskFull)
        {
            throw new UnusableException("its disk is full", exception);
        }
    }

    /// <summary>
    /// Frees the locks that a session holds and ends its listening, before it goes back to the pool. Where that fails, the pool's
    /// connections are ended as they come back, and with them what they hold.
    /// </summary>
    public static async Task GiveBack(NpgsqlDataSource pool, NpgsqlConnection session)
    {
        if (session.FullState != ConnectionState.Open) return;
        try
        {
            await using var command = new NpgsqlCommand("select pg_advisory_unlock_all(); unlisten *", session) { CommandTimeout = 3 };
            await command.ExecuteNonQueryAsync();
        }
        catch (NpgsqlException)
        {
            pool.Clear();
        }
    }
}
