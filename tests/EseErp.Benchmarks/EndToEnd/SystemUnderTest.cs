using EseErp.DemoData;
using EseErp.Launcher;
using EseErp.Launcher.Postgres;
using EseErp.Launcher.Supervision;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>
/// The whole system as <c>./ese up</c> runs it: PostgreSQL, the broker and the services as processes of their own. Unless told
/// otherwise nobody takes a physical step in it, so that a return stops at settled.
/// </summary>
internal sealed class SystemUnderTest : IAsyncDisposable
{
    private readonly string _work = Path.Combine(Checkout.WorkDirectory, "bench", Guid.NewGuid().ToString("N")[..8]);
    private readonly EseSystem _processes;
    private readonly IEnumerator<DemoReturn> _devices;
    private readonly int _orders;
    private readonly int _postgresPort;
    private readonly bool _countStatements;

    /// <param name="returns">How many returns will be filed at most: so many devices are sold.</param>
    /// <param name="environment">More settings of every service.</param>
    /// <param name="autoAdvance">Items are received, diagnosed and taken apart by themselves, in demo pace.</param>
    /// <param name="countStatements">PostgreSQL counts statements, where its extension for that is installed.</param>
    public SystemUnderTest(
        string broker, int returns, IReadOnlyDictionary<string, string>? environment = null, bool autoAdvance = false, bool countStatements = false)
    {
        var ports = Ports.FreeBase();
        (Broker, AutoAdvance, _countStatements, _postgresPort) = (broker, autoAdvance, countStatements, ports + ServiceCatalog.PostgresPortOffset);
        _orders = Math.Max(DemoCatalogue.SmallestOrderCount, (int)(returns * 1.2) + 200);
        _devices = DemoCatalogue.Create(DateOnly.FromDateTime(DateTime.UtcNow), _orders).Returnable().GetEnumerator();
        _processes = new EseSystem(new EseSystemOptions
        {
            WorkDirectory = _work,
            PortBase = ports,
            Broker = broker,
            // Figures of another server or cluster would be about that.
            ExternalPostgres = null,
            KafkaBootstrapServers = null,
            DatabasePrefix = "",
            Temporary = true,
            AutoAdvance = autoAdvance,
            Environment = environment ?? new Dictionary<string, string>(),
            ReadyLimit = TimeSpan.FromMinutes(3),
        });
    }

    public static IReadOnlyList<string> Teams { get; } = [.. ServiceCatalog.All.Select(service => service.Team)];

    public string Broker { get; }

    /// <summary>Whether a return goes all its way by itself.</summary>
    public bool AutoAdvance { get; }

    /// <summary>Whether <c>bench.pg_stat_statements</c> is in Tracking's database.</summary>
    public bool CountsStatements { get; private set; }

    public EseSystem Processes => _processes;

    public Uri AddressOf(string team) => _processes.BaseAddress(team);

    /// <summary>Every service's process, replicas that were started included.</summary>
    public IReadOnlyList<int> ServiceProcesses => [.. Running.Select(name => _processes.ProcessId(name)).OfType<int>()];

    /// <summary>Names of the services and of what replicas run beside them.</summary>
    public List<string> Running { get; } = [.. Teams];

    /// <summary>PostgreSQL's first process.</summary>
    public int PostgresProcess => int.Parse(File.ReadLines(Path.Combine(DataDirectory, "postmaster.pid")).First());

    private string DataDirectory => new LocalPostgres(_work, 0).DataDirectory!;

    public async Task Start(Action<string> report, CancellationToken cancellationToken)
    {
        report($"Starting the whole system on {Broker}…");
        if (_countStatements) CountsStatements = await PreloadStatements(cancellationToken);
        await _processes.StartAsync(cancellationToken);
        if (CountsStatements) await Execute("ese_tracking", "create schema bench; create extension pg_stat_statements schema bench");
        else if (_countStatements) report("Statements are not counted: PostgreSQL's pg_stat_statements is not installed here.");
    }

    /// <summary>Sells the devices that will come back.</summary>
    public async Task Sell(CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(10) };
        foreach (var team in ServiceCatalog.All.Where(service => service.DemoData))
        {
            using var answer = await client.PostAsync(
                new Uri(AddressOf(team.Team), "demo-data"), System.Net.Http.Json.JsonContent.Create(new { orders = _orders }), cancellationToken);
            answer.EnsureSuccessStatusCode();
        }

        foreach (var database in Databases) await Execute(database, "analyze");
    }

    /// <summary>The next device that has not come back yet.</summary>
    public DemoReturn NextDevice() => _devices.MoveNext() ? _devices.Current : throw new InvalidOperationException("There are not enough devices for this run.");

    public IReadOnlyList<DemoReturn> NextDevices(int count) => [.. Enumerable.Range(0, count).Select(_ => NextDevice())];

    /// <summary>The first devices, whether or not they have come back.</summary>
    public IReadOnlyList<DemoReturn> SomeDevices(int count) => [.. DemoCatalogue.Create(DateOnly.FromDateTime(DateTime.UtcNow), _orders).Returnable().Take(count)];

    /// <summary>The databases of the services and of the broker.</summary>
    public IReadOnlyList<string> Databases =>
        [.. ServiceCatalog.All.Select(service => service.Database), .. Broker == "postgres" ? new[] { DatabaseProvisioning.BrokerDatabase } : []];

    /// <summary>What it runs on.</summary>
    public async Task<IReadOnlyDictionary<string, string>> Describe(CancellationToken cancellationToken)
    {
        await using var connection = await Connect(Databases[0], cancellationToken);
        return await Servers.Describe(connection);
    }

    /// <summary>As the administrator, past the services.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder(_processes.Databases.Database(database))
    {
        Username = "postgres",
        Password = new Secrets(LocalPostgres.SecretsPath(_work)).PasswordOf("postgres"),
        Pooling = false,
        CommandTimeout = 600,
        ApplicationName = "bench",
    }.ConnectionString;

    /// <summary>A session as the administrator.</summary>
    public async Task<NpgsqlConnection> Connect(string database, CancellationToken cancellationToken = default)
    {
        var connection = new NpgsqlConnection(ConnectionString(database));
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    public async Task Execute(string database, string sql)
    {
        await using var connection = await Connect(database);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> Ask<T>(string database, string sql)
    {
        await using var connection = await Connect(database);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>So that no round pays for what the one before it wrote.</summary>
    public Task Checkpoint() => Execute(Databases[0], "checkpoint");

    // A library is loaded at the server's start only, so the cluster is made and told before the system takes it over.
    private async Task<bool> PreloadStatements(CancellationToken cancellationToken)
    {
        await using var postgres = new LocalPostgres(_work, _postgresPort);
        await postgres.StartAsync(cancellationToken);
        await using var connection = new NpgsqlConnection(postgres.AdministratorConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var look = new NpgsqlCommand("select exists (select from pg_available_extensions where name = 'pg_stat_statements')", connection);
        if (!(bool)(await look.ExecuteScalarAsync(cancellationToken))!) return false;
        await using var set = new NpgsqlCommand("alter system set shared_preload_libraries = 'pg_stat_statements'", connection);
        await set.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        _devices.Dispose();
        await _processes.DisposeAsync();
        var directory = Path.GetDirectoryName(_work)!;
        if (Directory.Exists(directory) && !Directory.EnumerateFileSystemEntries(directory).Any()) Directory.Delete(directory);
    }
}
