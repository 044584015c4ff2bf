using EseErp.Launcher.Postgres;
using EseErp.Messaging.Postgres;
using EseErp.Testing;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>
/// The PostgreSQL that all ways use in turn: with the settings of production, and besides noting when each transaction was
/// committed, so that it can be asked when a fact was published. Gone with this process, however that ends.
/// </summary>
internal sealed class PeerServer : IAsyncDisposable
{
    private readonly LocalPostgres _postgres;
    private readonly string _directory;
    private int _sets;

    private PeerServer(LocalPostgres postgres, string directory) => (_postgres, _directory) = (postgres, directory);

    public static async Task<PeerServer> Start(Action<string> report, CancellationToken cancellationToken)
    {
        var directory = ThrowAwayDirectory.Create();
        var server = new PeerServer(new LocalPostgres(directory, FreePort.Find(), report, durable: true), directory);
        await server._postgres.StartAsync(cancellationToken);
        await server.Execute(null, "alter system set track_commit_timestamp = on", cancellationToken);
        await server._postgres.StopAsync();
        await server._postgres.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>Processor time of all its processes so far.</summary>
    public TimeSpan Cpu => _postgres.ProcessId is { } pid ? ProcessFigures.CpuOfTree(pid) : TimeSpan.Zero;

    /// <summary>Fresh databases for one way.</summary>
    public async Task<PeerDatabases> Create(PeerWay way, CancellationToken cancellationToken)
    {
        var name = $"peer{++_sets}_";
        if (way.IsOurs)
        {
            var provisioning = new DatabaseProvisioning(_postgres.AdministratorConnectionString, new Secrets(Path.Combine(_directory, $"{name}secrets.json")), name);
            var provisioned = await provisioning.ProvisionAsync(BrokerSchema.Sql, cancellationToken: cancellationToken);
            return new PeerDatabases(
                $"{name}ese_sales", name + DatabaseProvisioning.BrokerDatabase,
                new PeerPlan(
                    provisioned.Database("ese_sales"), provisioned.Database("ese_user_support"), provisioned.Broker("ese_sales"), provisioned.Broker("ese_user_support"),
                    Consumes: true, Publishes: true),
                () => provisioning.DropAsync(CancellationToken.None));
        }

        await Execute(null, $"create database {name} template template0", cancellationToken);
        await Execute(name, PeerDb.Schema, cancellationToken);
        // What our services say of their connections helps the others as well. The pool is of the size that the documentation of Rebus names.
        var connection = new NpgsqlConnectionStringBuilder(_postgres.AdministratorConnectionString)
        {
            Database = name, Pooling = true, MaxPoolSize = 30, MaxAutoPrepare = 200, NoResetOnClose = true, Timeout = 15,
        }.ConnectionString;
        return new PeerDatabases(
            name, name, new PeerPlan(connection, connection, connection, connection, Consumes: true, Publishes: true),
            () => Execute(null, $"drop database {name} with (force)", CancellationToken.None));
    }

    /// <summary>So that no run pays for what the one before it wrote.</summary>
    public Task Checkpoint(CancellationToken cancellationToken) => Execute(null, "checkpoint", cancellationToken);

    public async Task<NpgsqlConnection> Connect(string? database, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnectionStringBuilder(_postgres.AdministratorConnectionString) { Pooling = true, MaxPoolSize = 2, Timeout = 15 };
        if (database is not null) connection.Database = database;
        var opened = new NpgsqlConnection(connection.ConnectionString);
        await opened.OpenAsync(cancellationToken);
        return opened;
    }

    public async Task<IReadOnlyDictionary<string, string>> Describe(CancellationToken cancellationToken)
    {
        await using var connection = await Connect(null, cancellationToken);
        return await Servers.Describe(connection);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _postgres.DeleteAsync();
    }

    private async Task Execute(string? database, string sql, CancellationToken cancellationToken)
    {
        await using var connection = await Connect(database, cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync(cancellationToken);
        NpgsqlConnection.ClearPool(connection);
    }
}

/// <summary>The databases of one way, one round.</summary>
/// <param name="Team">Where rows and recorded facts are.</param>
/// <param name="Published">Where published facts are.</param>
internal sealed record PeerDatabases(string Team, string Published, PeerPlan Plan, Func<Task> Drop) : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await Drop();
}
