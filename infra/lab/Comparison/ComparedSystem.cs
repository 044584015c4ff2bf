using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using EseErp.Lab.Auditing;
using EseErp.Launcher;
using EseErp.Launcher.Api;
using EseErp.Launcher.Postgres;
using EseErp.Launcher.Supervision;
using Npgsql;

namespace EseErp.Lab.Comparison;

/// <summary>
/// The system both modes are measured on: its own processes and its own PostgreSQL, on ports and in a directory of its own,
/// with fresh data. Items come in, are diagnosed and taken apart by themselves, quickly.
/// </summary>
internal sealed class ComparedSystem : IAsyncDisposable
{
    public const string Subscriber = "subscriber";

    public const string BrokerDatabase = DatabaseProvisioning.BrokerDatabase;

    private const int SubscriberPortOffset = 13;
    private const string SubscriberDatabase = "ese_subscriber";

    // Each subscriber has a group of its own: the broker remembers how far one has read.
    private int _subscriptions;

    private readonly List<string> _replicas = [];

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    public ComparedSystem(string work, ComparisonOptions options, Action<string> report)
    {
        Work = work;
        Processes = new EseSystem(new EseSystemOptions
        {
            WorkDirectory = work,
            PortBase = Ports.FreeBase(),
            Broker = "postgres",
            // Its databases refuse connections at times, and its rows are counted.
            ExternalPostgres = null,
            DatabasePrefix = "",
            Environment = new Dictionary<string, string>
            {
                ["Ese__AutoAdvanceDelay"] = options.ItemStep.ToString("c", CultureInfo.InvariantCulture),
                ["Ese__Faults"] = "true",
                // Machine code is made sooner, so that a warm-up does not have to be as long.
                ["DOTNET_EnableWriteXorExecute"] = "0",
                // Hexadecimal, as .NET reads its variables.
                ["DOTNET_TC_CallCountThreshold"] = options.CallsBeforeOptimising.ToString("x", CultureInfo.InvariantCulture),
            },
            ServiceEnvironment = ServiceEnvironment,
            ReadyLimit = TimeSpan.FromSeconds(120),
            Report = report,
        });
    }

    public string Work { get; }

    public EseSystem Processes { get; }

    /// <summary>What one service is told besides; read when it is started.</summary>
    public Dictionary<string, IReadOnlyDictionary<string, string>> ServiceEnvironment { get; } = [];

    /// <summary>More processes of User Support, while a scenario wants them, with their ports.</summary>
    public static IReadOnlyList<(string Name, int PortOffset)> Replicas { get; } = [("user-support-2", 14), ("user-support-3", 15), ("user-support-4", 16)];

    /// <summary>Where returns are filed: each process of User Support, as behind a load balancer.</summary>
    public IReadOnlyList<Uri> Intakes => [Processes.BaseAddress("user-support"), .. _replicas.Select(Processes.BaseAddress)];

    public TeamDatabases Data => new(Processes.Databases);

    /// <summary>Starts everything, with demo data of so many orders.</summary>
    public async Task StartAsync(int orders, Action<string> report, CancellationToken cancellationToken)
    {
        await Processes.StartAsync(cancellationToken);
        using var client = new EseClient(Processes.PortBase);
        await DemoSeed.SeedAsync(client, orders, cancellationToken, report);
    }

    /// <summary>Ends all sessions on a database; new ones are refused until <see cref="AcceptSessionsAsync"/>.</summary>
    public Task RefuseSessionsAsync(string database, CancellationToken cancellationToken) => AdministerAsync(
        [
            $"alter database {database} allow_connections false",
            $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'",
        ],
        cancellationToken);

    public Task AcceptSessionsAsync(string database) => AdministerAsync([$"alter database {database} allow_connections true"], CancellationToken.None);

    /// <summary>Adds the <see cref="Replicas"/>; returns are filed at them, too, from then on.</summary>
    public async Task AddReplicasAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, portOffset) in Replicas)
        {
            _replicas.Add(name);
            await Processes.StartReplicaAsync("user-support", name, portOffset, cancellationToken);
        }
    }

    public async Task RemoveReplicasAsync()
    {
        foreach (var name in _replicas)
            await Processes.RemoveReplicaAsync(name);
        _replicas.Clear();
    }

    /// <summary>Stops services in good order and starts them again; data stay.</summary>
    public async Task RestartAsync(IReadOnlyList<string> teams, CancellationToken cancellationToken)
    {
        await Task.WhenAll(teams.Select(Processes.StopServiceAsync));
        await Task.WhenAll(teams.Select(team => Processes.StartServiceAsync(team, cancellationToken)));
    }

    /// <summary>Starts a service that was not planned for, and waits until it has caught up with all of the past.</summary>
    /// <returns>How long it took from its start, and how many returns it knows then.</returns>
    public async Task<(TimeSpan Elapsed, long Returns)> SubscribeAsync(CancellationToken cancellationToken)
    {
        await AdministerAsync([$"drop database if exists {SubscriberDatabase}", $"create database {SubscriberDatabase} owner ese_tracking"], cancellationToken);
        var database = new NpgsqlConnectionStringBuilder(Processes.Databases.Database("ese_tracking"))
        {
            Database = SubscriberDatabase,
            ApplicationName = Subscriber,
        }.ConnectionString;
        ServiceEnvironment[Subscriber] = new Dictionary<string, string> { ["ConnectionStrings__Database"] = database, ["Ese__Messaging__Group"] = $"{Subscriber}-{++_subscriptions}" };
        var clock = Stopwatch.StartNew();
        await Processes.StartReplicaAsync("tracking", Subscriber, SubscriberPortOffset, cancellationToken);
        using var reader = new BacklogReader(Processes.BaseAddress, Data);
        while (await reader.LagAsync(Subscriber, cancellationToken) is not 0)
            await Task.Delay(50, cancellationToken);
        var elapsed = clock.Elapsed;
        await using var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        await session.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("select count(*) from returns", session);
        return (elapsed, (long)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    /// <summary>The subscriber leaves as it came.</summary>
    public Task UnsubscribeAsync() => Processes.RemoveReplicaAsync(Subscriber);

    /// <summary>Sends again everything that a team has set aside.</summary>
    /// <returns>How many events were applied now.</returns>
    public async Task<long> RedriveAsync(string team, CancellationToken cancellationToken)
    {
        if (await Data.CountAsync(team, "select count(*) from ese.dead_letters where open", cancellationToken) == 0)
            return 0;
        using var answer = await _client.PostAsJsonAsync(new Uri(Processes.BaseAddress(team), "dead-letters/redrive"), new { }, cancellationToken);
        if (!answer.IsSuccessStatusCode)
            return 0;
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
        return body.RootElement.GetProperty("redriven").GetInt64();
    }

    /// <summary>Deletes data and logs once the system has been disposed of.</summary>
    public Task DeleteAsync() => LocalPostgres.DeleteDataAsync(Work);

    public async ValueTask DisposeAsync()
    {
        await Processes.DisposeAsync();
        _client.Dispose();
    }

    public async Task<T> ReadAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var session = new NpgsqlConnection(Processes.AdministratorConnectionString);
        await session.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, session);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task AdministerAsync(IReadOnlyList<string> statements, CancellationToken cancellationToken)
    {
        await using var session = new NpgsqlConnection(Processes.AdministratorConnectionString);
        await session.OpenAsync(cancellationToken);
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, session);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
