using EseErp.Launcher.Postgres;
using Npgsql;

namespace EseErp.Testing;

/// <summary>
/// The PostgreSQL server of this test process: the one named by <c>ESE_POSTGRES</c>, or a private throw-away cluster that
/// starts with the first test that asks and goes when the process ends, even by kill -9.
/// </summary>
public sealed class PostgresServer
{
    private static readonly Lazy<Task<PostgresServer>> Started = new(Start);

    // Keeps the cluster's guard from being collected, which would end it.
    private readonly LocalPostgres? _local;

    private PostgresServer(string administratorConnectionString, string workDirectory, LocalPostgres? local = null) =>
        (AdministratorConnectionString, WorkDirectory, _local) = (administratorConnectionString, workDirectory, local);

    /// <summary>Whether it is this process's own, so that a test may restart it.</summary>
    public bool IsPrivate => _local is not null;

    /// <summary>Connects as a role that may create databases and roles and end other sessions.</summary>
    public string AdministratorConnectionString { get; }

    internal string WorkDirectory { get; }

    /// <summary>The server, started if this is the first call.</summary>
    public static Task<PostgresServer> Get() => Started.Value;

    /// <summary>Runs a statement as the administrator.</summary>
    /// <param name="database">The database to connect to; null: the administrator's.</param>
    public async Task<int> Execute(string sql, string? database = null)
    {
        await using var connection = new NpgsqlConnection(Connect(database));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Ends sessions at once, as a crash of the server would.</summary>
    /// <param name="condition">A condition on <c>pg_stat_activity</c>.</param>
    public Task EndSessions(string condition) =>
        Execute($"select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and {condition}");

    /// <summary>The administrator's connection string to another database.</summary>
    public string Connect(string? database) => new NpgsqlConnectionStringBuilder(AdministratorConnectionString)
    {
        Pooling = false,
        Database = database ?? new NpgsqlConnectionStringBuilder(AdministratorConnectionString).Database,
    }.ConnectionString;

    private static async Task<PostgresServer> Start()
    {
        var directory = ThrowAwayDirectory.Create();
        if (Environment.GetEnvironmentVariable("ESE_POSTGRES") is { Length: > 0 } given) return new PostgresServer(given, directory);

        var server = new LocalPostgres(directory, FreePort.Find(), durable: false);
        await server.StartAsync();
        await AllowPreparedTransactions(server);
        // Nobody stops it: when this process ends, the cluster's own guard does, and the directory goes after it.
        return new PostgresServer(server.AdministratorConnectionString, directory, server);
    }

    // Somebody else's may stand beside a service's own on any server; a test has to see that they are in nobody's way.
    private static async Task AllowPreparedTransactions(LocalPostgres server)
    {
        await using (var connection = new NpgsqlConnection(server.AdministratorConnectionString))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("alter system set max_prepared_transactions = 20", connection);
            await command.ExecuteNonQueryAsync();
        }

        await server.StopAsync();
        await server.StartAsync();
    }
}
