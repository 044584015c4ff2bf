using EseErp.Launcher;
using EseErp.Launcher.Postgres;
using Npgsql;

namespace EseErp.Lab.Auditing;

/// <summary>Looks into the teams' databases, past their APIs, and can change nothing there.</summary>
internal sealed class TeamDatabases(ProvisionedDatabases databases)
{
    /// <summary>All rows of a query.</summary>
    /// <param name="p0">Named <c>@p0</c> in the query.</param>
    public Task<List<T>> ReadAsync<T>(string team, string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken, object? p0 = null) =>
        ReadAtAsync(databases.Database(ServiceCatalog.Find(team).Database), sql, row, cancellationToken, p0);

    /// <summary>All rows of a query in any database.</summary>
    /// <param name="p0">Named <c>@p0</c> in the query.</param>
    public static async Task<List<T>> ReadAtAsync<T>(
        string database, string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken, object? p0 = null)
    {
        // From a pool: to begin a session costs PostgreSQL more than most of these queries, and what looks on must not slow what it looks at.
        var connection = new NpgsqlConnectionStringBuilder(database)
        {
            Options = "-c default_transaction_read_only=on",
            ApplicationName = "audit",
        }.ConnectionString;
        try
        {
            return await OnceAsync(connection, sql, row, p0, cancellationToken);
        }
        catch (NpgsqlException failure) when (
            failure is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } || failure.InnerException is IOException)
        {
            // The server has ended the pool's sessions since they were last used: once more with a new one.
            await using var pool = new NpgsqlConnection(connection);
            NpgsqlConnection.ClearPool(pool);
            return await OnceAsync(connection, sql, row, p0, cancellationToken);
        }
    }

    /// <summary>One number.</summary>
    public async Task<long> CountAsync(string team, string sql, CancellationToken cancellationToken, object? p0 = null) =>
        (await ReadAsync(team, sql, row => row.GetInt64(0), cancellationToken, p0)).Single();

    /// <summary>The nullable text of a column.</summary>
    public static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static async Task<List<T>> OnceAsync<T>(
        string connection, string sql, Func<NpgsqlDataReader, T> row, object? p0, CancellationToken cancellationToken)
    {
        await using var session = new NpgsqlConnection(connection);
        await session.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, session) { CommandTimeout = 600 };
        if (p0 is not null)
            command.Parameters.AddWithValue("p0", p0);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(row(reader));
        return rows;
    }
}
