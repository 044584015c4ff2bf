using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using EseErp.Launcher;
using EseErp.Services.Tests.Api;

namespace EseErp.Services.Tests.Running;

/// <summary>One whole system for all tests of this project: every service as a process, with demo data and returns in every state.</summary>
[CollectionDefinition(Name)]
public sealed class SystemCollection : ICollectionFixture<RunningSystem>
{
    public const string Name = "running system";
}

#pragma warning disable CA1001 // xunit disposes of it through IAsyncLifetime.
public sealed class RunningSystem : IAsyncLifetime
#pragma warning restore CA1001
{
    private const int FirstPortBase = 8300;

    private readonly Dictionary<string, HttpClient> _clients = [];
    private readonly Dictionary<string, ServiceDocument> _documents = [];
    private EseSystem? _system;

    /// <summary>The teams of this version, for theories.</summary>
    public static TheoryData<string> Teams => [.. ServiceCatalog.All.Select(service => service.Team)];

    internal Ledger Ledger { get; private set; } = null!;

    public Returns Returns { get; private set; } = null!;

    public HttpClient Client(string team) => _clients[team];

    /// <summary>The processes of the services.</summary>
    public IEnumerable<int> ProcessIds => ServiceCatalog.All.Select(service => _system!.ProcessId(service.Team)!.Value);

    internal ServiceDocument Document(string team) => _documents[team];

    internal IEnumerable<Operation> Operations(string? team = null) =>
        _documents.Where(document => team is null || document.Key == team).SelectMany(document => document.Value.Operations);

    public async Task InitializeAsync()
    {
        var server = await PostgresServer.Get();
        _system = new EseSystem(new EseSystemOptions
        {
            WorkDirectory = Path.Combine(Path.GetTempPath(), $"ese-services-tests-{Guid.NewGuid():N}"),
            PortBase = FreePortBase(),
            ExternalPostgres = server.AdministratorConnectionString,
            DatabasePrefix = $"s{Guid.NewGuid().ToString("N")[..8]}_",
            AutoAdvance = false,
            // A service that ends because of bad input must be noticed.
            Restart = false,
            ReadyLimit = TimeSpan.FromMinutes(3),
            // These tests are not about time: on a busy machine a team's first answers may be slow.
            Environment = new Dictionary<string, string>
            {
                ["Ese__TrustedProxies"] = "127.0.0.1",
                ["Ese__Hosts"] = "localhost;127.0.0.1;shop.example",
                ["UserSupport__Traditional__AttemptTimeout"] = "00:00:20",
                ["UserSupport__Traditional__Budget"] = "00:01:00",
                ["UserSupport__Traditional__Lease"] = "00:01:10",
            },
            Temporary = true,
        });
        await _system.StartAsync();
        foreach (var service in ServiceCatalog.All)
        {
            _clients[service.Team] = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
            {
                BaseAddress = _system.BaseAddress(service.Team),
                Timeout = TimeSpan.FromSeconds(90),
            };
        }

        await Task.WhenAll(ServiceCatalog.All.Where(service => service.DemoData).Select(async service =>
            (await Client(service.Team).PostAsJsonAsync("/demo-data", new { orders = 1000 })).EnsureSuccessStatusCode()));
        foreach (var service in ServiceCatalog.All)
            _documents[service.Team] = await ServiceDocument.Read(Client(service.Team), service.Team);
        Ledger = new Ledger(_system.Databases, this);
        Returns = new Returns(this);
        await Returns.FileSome();
        await Ledger.Quiet();
    }

    public async Task DisposeAsync()
    {
        foreach (var client in _clients.Values) client.Dispose();
        if (_system is not null) await _system.DisposeAsync();
    }

    internal Task<HttpResponseMessage> Send(Operation operation, HttpRequestMessage request) =>
        Client(operation.Team).SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

    internal async Task<JsonNode> Get(string team, string address) => (await Client(team).GetFromJsonAsync<JsonNode>(address))!;

    // Several runs at once, and other systems on this machine, each need their own.
    private static int FreePortBase()
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromMinutes(1))
        {
            var candidate = FirstPortBase + (Random.Shared.Next(10) * 20);
            if (Enumerable.Range(candidate, 10).All(IsFree)) return candidate;
        }

        throw new InvalidOperationException($"No free ports from {FirstPortBase} on.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
