using System.Diagnostics.CodeAnalysis;
using EseErp.Launcher.Postgres;
using EseErp.Messaging.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>A PostgreSQL of the test's own, as others use the shared one meanwhile.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit calls DisposeAsync.")]
public sealed class RestartablePostgres : IRestartableEngine
{
    private readonly string _directory = ThrowAwayDirectory.Create();
    private readonly LocalPostgres _server;
    private readonly List<PostgresBroker> _clients = [];
    private string _connectionString = "";

    public RestartablePostgres() => _server = new LocalPostgres(_directory, FreePort.Find());

    public bool KeepsLanesTogether => true;

    public async Task InitializeAsync()
    {
        await _server.StartAsync();
        var databases = await new DatabaseProvisioning(
            _server.AdministratorConnectionString, new Secrets(Path.Combine(_directory, "secrets.json"))).ProvisionAsync(BrokerSchema.Sql);
        _connectionString = databases.Broker("ese_sales");
    }

    public async Task DisposeAsync()
    {
        foreach (var client in _clients) await client.DisposeAsync();
        await _server.DeleteAsync();
    }

    public Task<IBroker> Connect()
    {
        var broker = new PostgresBroker(NpgsqlDataSource.Create(_connectionString), NullLoggerFactory.Instance);
        lock (_clients) _clients.Add(broker);
        return Task.FromResult<IBroker>(broker);
    }

    public async Task TakeDown()
    {
        System.Diagnostics.Process.GetProcessById(_server.ProcessId!.Value).Kill();
        await Eventually.Within(TimeSpan.FromSeconds(60), () => Task.FromResult(!_server.IsRunning), "the server to be gone");
    }

    public Task BringBack() => _server.StartAsync();

    public Task Kill(IBroker broker) => throw new NotSupportedException();

    public Task Disconnect(IBroker broker) => throw new NotSupportedException();
}

public sealed class PostgresRestartTests(RestartablePostgres engine) : BrokerRestart(engine), IClassFixture<RestartablePostgres>;
