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

    public TestDatabases Databases => _databases;

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

public sealed class PostgresLogTests(PostgresEngine engine) : BrokerLogs(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresSeekTests(PostgresEngine engine) : BrokerSeek(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresRetentionTests(PostgresEngine engine) : BrokerRetention(engine), IClassFixture<PostgresEngine>
{
    protected override async Task Forget(string topic)
    {
        await engine.Databases.Age(topic, days: 10);
        await (await Engine.Connect()).ApplyRetention(CancellationToken.None);
    }

    [Theory]
    [InlineData(7, 7, true)] // Its day is over, but some of it may be younger than seven days.
    [InlineData(7, 8, false)]
    [InlineData(20, 20, true)]
    [InlineData(20, 21, false)]
    public async Task Should_drop_days_that_have_wholly_outlived_the_owners_retention_and_nothing_else(int retention, int age, bool kept)
    {
        var (broker, topic) = await NewTopic();
        await Publish(broker, topic, Enumerable.Range(0, 10));
        await engine.Databases.Age(topic, age);
        await engine.Databases.SetRetention(retention);
        try
        {
            await broker.ApplyRetention(CancellationToken.None);
            await broker.ApplyRetention(CancellationToken.None);
        }
        finally
        {
            await engine.Databases.SetRetention(7);
        }

        (await Lag(broker, NewGroup(), topic)).ShouldBe(kept ? 10 : 0);
    }
}
