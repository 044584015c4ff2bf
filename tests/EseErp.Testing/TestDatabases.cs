using EseErp.Launcher.Postgres;
using EseErp.Messaging.Postgres;
using Npgsql;
using Xunit;

namespace EseErp.Testing;

/// <summary>
/// Fresh databases for one test class (<c>IClassFixture&lt;TestDatabases&gt;</c>): the whole system's, each with its own
/// least-privilege role as in production, under a prefix of their own; dropped at the end.
/// </summary>
public sealed class TestDatabases : IAsyncLifetime
{
    private readonly string _prefix = $"t{Guid.NewGuid().ToString("N")[..10]}_";
    private DatabaseProvisioning? _provisioning;
    private ProvisionedDatabases? _provisioned;
    private int _created;

    public PostgresServer Server { get; private set; } = null!;

    /// <summary>The name of the broker's database.</summary>
    public string BrokerDatabase => _prefix + DatabaseProvisioning.BrokerDatabase;

    public async Task InitializeAsync()
    {
        Server = await PostgresServer.Get();
        var secrets = new Secrets(Path.Combine(Server.WorkDirectory, $"{_prefix}secrets.json"));
        _provisioning = new DatabaseProvisioning(Server.AdministratorConnectionString, secrets, _prefix);
        _provisioned = await _provisioning.ProvisionAsync(BrokerSchema.Sql);
    }

    public async Task DisposeAsync()
    {
        for (var number = 1; number <= _created; number++)
            await Server.Execute($"drop database if exists \"{_prefix}ese_sales_{number}\" with (force)");
        if (_provisioning is not null) await _provisioning.DropAsync();
    }

    /// <summary>A service's database, such as <c>ese_sales</c>, as that service's role.</summary>
    public string Database(string database) => _provisioned!.Database(database);

    /// <summary>The broker's database as that service's role.</summary>
    public string Broker(string database) => _provisioned!.Broker(database);

    /// <summary>The broker's database as its owner, who alone may do what services may not.</summary>
    public string BrokerOwner => _provisioned!.BrokerOwner;

    /// <summary>One more empty database, for a test that must not see another test's rows. Its role is that of Sales.</summary>
    public async Task<string> CreateDatabase()
    {
        var connection = new NpgsqlConnectionStringBuilder(Database("ese_sales"));
        connection.Database += $"_{Interlocked.Increment(ref _created)}";
        await Server.Execute($"create database \"{connection.Database}\" owner \"{connection.Username}\" template template0");
        return connection.ConnectionString;
    }
}
