using System.Collections.Concurrent;
using EseErp.Messaging.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>The embedded broker on a database of the test class's own. Clients are told apart by their application name.</summary>
public sealed class PostgresEngine : IBrokerEngine
{
    private readonly TestDatabases _databases = new();
    private readonly ConcurrentDictionary<IBroker, string> _clients = new();

    public bool KeepsLanesTogether => true;

    public Task InitializeAsync() => _databases.InitializeAsync();

    public async Task DisposeAsync()
    {
        foreach (var client in _clients.Keys) await ((PostgresBroker)client).DisposeAsync();
        await _databases.DisposeAsync();
    }

    public Task<IBroker> Connect()
    {
        var name = $"client-{Guid.NewGuid():N}";
        var connection = new NpgsqlConnectionStringBuilder(_databases.Broker("ese_sales")) { ApplicationName = name };
        var broker = new PostgresBroker(NpgsqlDataSource.Create(connection), NullLoggerFactory.Instance);
        _clients[broker] = name;
        return Task.FromResult<IBroker>(broker);
    }

    public async Task Kill(IBroker broker)
    {
        // First it can open no connection any more, then those it has are ended.
        await ((PostgresBroker)broker).DisposeAsync();
        await Disconnect(broker);
    }

    public Task Disconnect(IBroker broker) => _databases.Server.EndSessions($"application_name = '{_clients[broker]}'");
}

public sealed class PostgresDeliveryTests(PostgresEngine engine) : BrokerDelivery(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresGroupTests(PostgresEngine engine) : BrokerGroups(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresFailureTests(PostgresEngine engine) : BrokerFailures(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresSeekTests(PostgresEngine engine) : BrokerSeek(engine), IClassFixture<PostgresEngine>;
