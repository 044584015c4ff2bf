using Npgsql;

namespace EseErp.EventStore;

/// <summary>Between a service and its database is something that takes sessions away. This ends the service.</summary>
public sealed class SharedSessionsException(string message) : Exception(message);

/// <summary>
/// Whether a service has sessions of its own in a database. It needs them: it owns lanes and publishing by locks of a session, listens, and
/// prepares statements. Behind a pooler that lends a session for a transaction only, locks stay with strangers.
/// </summary>
public static class OwnSessions
{
    private const string ToDo = "Give this database pool_mode = session, or have the connection string lead to PostgreSQL itself.";

    /// <summary>Looks, and throws with the setting to change where sessions are shared.</summary>
    /// <param name="setting">Where the connection string comes from, such as <c>ConnectionStrings:Database</c>.</param>
    /// <remarks>
    /// The server tells a client at the beginning who it is; a pooler makes something up. Where that is so, another session ends the one that
    /// the first has just used: whoever had it for himself is cut off, and whoever can continue had only borrowed it.
    /// </remarks>
    /// <exception cref="SharedSessionsException">They are shared, or settings that a session begins with do not arrive.</exception>
    public static async Task Require(NpgsqlDataSource database, string setting, CancellationToken cancellationToken)
    {
        try
        {
            await using var first = await database.OpenConnectionAsync(cancellationToken);
            var session = await Ask<int>(first, "select pg_backend_pid()", cancellationToken);
            if (session == first.ProcessID) return;
            if (await Ask<long>(first, "select setting::bigint from pg_settings where name = 'idle_in_transaction_session_timeout'", cancellationToken) == 0)
                throw new SharedSessionsException(
                    $"{setting} goes through a pooler that drops the start settings of a session (PgBouncer: ignore_startup_parameters = options). "
                    + "Set them for the role: alter role … set idle_in_transaction_session_timeout = '5s'.");
            if (await IsShared(database, first, session, cancellationToken))
                throw new SharedSessionsException(
                    $"{setting} goes through a pooler that shares sessions between transactions (PgBouncer: pool_mode = transaction). Locks, listening and "
                    + $"prepared statements of this service last as long as a session. {ToDo}");
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ProtocolViolation && exception.MessageText.Contains("startup parameter", StringComparison.Ordinal))
        {
            throw new SharedSessionsException(
                $"{setting} goes through a pooler that refuses the start settings of a session ({exception.MessageText}). {ToDo} With pool_mode = session, set "
                + "ignore_startup_parameters = options and, for the role: alter role … set idle_in_transaction_session_timeout = '5s'.");
        }
    }

    private static async Task<bool> IsShared(NpgsqlDataSource database, NpgsqlConnection first, int session, CancellationToken cancellationToken)
    {
        await using var second = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(
                "select case when pg_backend_pid() = $1 then null else pg_terminate_backend($1, 5000) end", second) { Parameters = { new NpgsqlParameter<int> { TypedValue = session } } };
            // Both have the same one, or it is somebody else's by now, whose role may not be touched.
            if (await command.ExecuteScalarAsync(cancellationToken) is not bool) return true;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return true;
        }

        try
        {
            await Ask<int>(first, "select pg_backend_pid()", cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static async Task<T> Ask<T>(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
