using System.Diagnostics;
using System.Globalization;
using EseErp.Launcher.Postgres;
using EseErp.Testing;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>
/// A private PostgreSQL with the settings of production: it waits for the disk, unlike that of the tests. Gone with this
/// process, however that ends.
/// </summary>
internal sealed class Servers : IAsyncDisposable
{
    private const string Service = "ese_user_support";

    private readonly LocalPostgres _postgres;
    private readonly ProvisionedDatabases _databases;

    private Servers(LocalPostgres postgres, ProvisionedDatabases databases) => (_postgres, _databases) = (postgres, databases);

    /// <summary>The benchmark team's database, as its own role.</summary>
    public string Database => _databases.Database(Service);

    /// <summary>The broker's database as the team's role.</summary>
    public string Broker => _databases.Broker(Service);

    /// <summary>The broker's database as its owner, for the raw twin, which writes to its tables itself.</summary>
    public string BrokerOwner => _databases.BrokerOwner;

    public static async Task<Servers> Start(Action<string> report, CancellationToken cancellationToken)
    {
        var directory = ThrowAwayDirectory.Create();
        var postgres = new LocalPostgres(directory, FreePort.Find(), report, durable: true);
        await postgres.StartAsync(cancellationToken);
        var provisioning = new DatabaseProvisioning(postgres.AdministratorConnectionString, new Secrets(LocalPostgres.SecretsPath(directory)));
        return new Servers(postgres, await provisioning.ProvisionAsync(EseErp.Messaging.Postgres.BrokerSchema.Sql, cancellationToken: cancellationToken));
    }

    /// <summary>What the figures were measured on.</summary>
    public async Task<IReadOnlyDictionary<string, string>> Describe()
    {
        await using var connection = new NpgsqlConnection(_postgres.AdministratorConnectionString);
        await connection.OpenAsync();
        return await Describe(connection);
    }

    public static async Task<IReadOnlyDictionary<string, string>> Describe(NpgsqlConnection connection)
    {
        var facts = new Dictionary<string, string> { ["cores"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture) };
        foreach (var setting in new[] { "server_version", "fsync", "synchronous_commit", "full_page_writes" })
        {
            await using var command = new NpgsqlCommand($"show {setting}", connection);
            facts[setting == "server_version" ? "postgresql" : setting] = (string)(await command.ExecuteScalarAsync())!;
        }

        // So that figures of two machines can be set beside each other: both are what a statement costs here without any of our code.
        facts["round trip"] = await Median(connection, "select 1");
        facts["commit"] = await Median(connection, "select pg_logical_emit_message(true, 'bench', '')");
        return facts;
    }

    private static async Task<string> Median(NpgsqlConnection connection, string sql)
    {
        const int Times = 1000;
        await using var command = new NpgsqlCommand(sql, connection);
        await command.PrepareAsync();
        var took = new List<double>();
        for (var time = 0; time < 2 * Times; time++)
        {
            var began = Stopwatch.GetTimestamp();
            await command.ExecuteNonQueryAsync();
            if (time >= Times) took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{took.Order().ElementAt(Times / 2):0.00} ms");
    }

    /// <summary>So that no run pays for what the one before it wrote.</summary>
    public Task Checkpoint() => Execute("checkpoint", _postgres.AdministratorConnectionString);

    public Task Execute(string sql) => Execute(sql, Database);

    public async ValueTask DisposeAsync() => await _postgres.DeleteAsync();

    private static async Task Execute(string sql, string connectionString)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
