using System.Net.Http.Json;
using System.Text.Json;
using EseErp.DemoData;
using EseErp.Launcher;
using EseErp.Launcher.Kafka;
using EseErp.Launcher.Supervision;

namespace EseErp.SystemTests.Running;

/// <summary>
/// A whole system of real processes, with demo data and all data in a directory of its own. The test classes share it, one
/// after the other; each starts from running services and event mode, and files devices that no other test uses.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "xunit calls DisposeAsync.")]
public sealed class RunningSystem : IAsyncLifetime
{
    private const int Orders = 3000;

    // Which engine the whole system runs on: ESE_TEST_BROKER, else the embedded one.
    private static readonly string s_broker = Environment.GetEnvironmentVariable("ESE_TEST_BROKER") is { Length: > 0 } broker ? broker : "postgres";

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 64 }) { Timeout = TimeSpan.FromSeconds(60) };
    private readonly Queue<DemoReturn> _devices;
    private readonly EseSystem _system;

    public RunningSystem()
        : this(autoAdvance: true, new Dictionary<string, string>())
    {
    }

    /// <param name="autoAdvance">Whether the item's arrival, its diagnosis and its disassembly happen by themselves.</param>
    /// <param name="environment">More settings for every service.</param>
    internal RunningSystem(bool autoAdvance, IReadOnlyDictionary<string, string> environment)
    {
        Catalogue = DemoCatalogue.Create(DateOnly.FromDateTime(DateTime.UtcNow), Orders);
        _devices = new Queue<DemoReturn>(Catalogue.Returnable());
        _system = new EseSystem(new EseSystemOptions
        {
            WorkDirectory = ThrowAwayDirectory.Create(),
            PortBase = Ports.FreeBase(),
            Broker = s_broker,
            DatabasePrefix = $"s{Guid.NewGuid().ToString("N")[..10]}_",
            AutoAdvance = autoAdvance,
            Environment = new Dictionary<string, string>(environment)
            {
                // Many services are started and killed here; those of ./ese up, which other tests run, are warmed.
                ["Ese__WarmUpLimit"] = "00:00:00",
                ["UserSupport__Callbacks__Allowed__0"] = CallbackAddress,
                ["Ese__AutoAdvanceDelay"] = "00:00:00.500",
                // Still longer than a call with all its attempts; 15 s by default.
                ["UserSupport__Traditional__Lease"] = "00:00:08",
            },
            Temporary = true,
        });
        Data = new Databases(_system);
    }

    public EseSystem Processes => _system;

    /// <summary>Where User Support may tell the outcome of a return; nobody listens there unless a test does.</summary>
    public string CallbackAddress { get; } = $"http://127.0.0.1:{FreePort.Find()}/";

    public DemoCatalogue Catalogue { get; }

    public Databases Data { get; }

    /// <summary>How one more service reaches this system's broker: the configuration that the launcher gives to the others.</summary>
    public IReadOnlyDictionary<string, string> BrokerSettings => new Dictionary<string, string>
    {
        ["Ese:Broker"] = s_broker,
        ["ConnectionStrings:Broker"] = _system.Databases.Broker("ese_notifications"),
        ["KAFKA_BOOTSTRAP_SERVERS"] = _system.KafkaBootstrapServers ?? "",
        ["KAFKA_BROKER_VERSION"] = s_broker == "kafka" && Checkout.KafkaBootstrapServers is null ? LocalKafka.Version : "",
    };

    public string LogDirectory => Path.Combine(_system.WorkDirectory, "logs");

    public async Task InitializeAsync()
    {
        await _system.StartAsync();
        foreach (var team in Teams.Documents.Keys) (await Post(team, "demo-data", new { orders = Orders })).Expect(200);
    }

    public async Task DisposeAsync()
    {
        await Data.DisposeAsync();
        await _system.DisposeAsync();
        _client.Dispose();
    }

    /// <summary>Whatever the test before has done to it: every service runs and has no faults, event mode is the default, and no events wait.</summary>
    public async Task Heal()
    {
        await Task.WhenAll(Teams.All.Select(team => _system.StartServiceAsync(team)));
        foreach (var team in Teams.All) (await Put(team, "faults", new { })).Expect(200);
        await SetMode("event");
        await this.NothingIsWaiting();
    }

    /// <summary>Devices that can be returned and that no other test gets.</summary>
    public IReadOnlyList<DemoReturn> Take(int count) => Enumerable.Range(0, count).Select(_ => _devices.Dequeue()).ToList();

    public DemoReturn Take() => _devices.Dequeue();

    public async Task SetMode(string mode) => (await Put(Teams.UserSupport, "mode", new { mode })).Expect(200);

    /// <summary>Files a return as a client would that reads the documentation.</summary>
    /// <param name="mode">Null: the running default.</param>
    public Task<Answer> File(DemoReturn device, string? mode = null, string? key = null) =>
        Post(Teams.UserSupport, "returns", Request(device, mode), key ?? Guid.NewGuid().ToString());

    /// <summary>Files a return, preferring to be answered at once, or to be told its outcome.</summary>
    public Task<Answer> FileForLater(DemoReturn device, string? mode, string? prefer = null, string? callbackUrl = null, string? key = null)
    {
        var request = JsonSerializer.SerializeToNode(Request(device, mode), JsonSerializerOptions.Web)!.AsObject();
        request["callbackUrl"] = callbackUrl;
        return Send(Teams.UserSupport, HttpMethod.Post, "returns", request, key ?? Guid.NewGuid().ToString(), prefer);
    }

    /// <summary>The body of <c>POST /returns</c>.</summary>
    public static object Request(DemoReturn device, string? mode = null) => new
    {
        device.OrderId,
        device.LineId,
        device.Sku,
        device.SerialNumber,
        device.Reason,
        device.ShipmentId,
        device.Location,
        device.CostCenter,
        mode,
    };

    public Task<Answer> Get(string team, string path) => Send(team, HttpMethod.Get, path);

    public Task<Answer> Put(string team, string path, object body) => Send(team, HttpMethod.Put, path, body);

    public Task<Answer> Post(string team, string path, object? body = null, string? key = null) => Send(team, HttpMethod.Post, path, body, key);

    /// <summary>The body of an answer that goes on.</summary>
    public async Task<ServerSentEvents> Follow(string team, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_system.BaseAddress(team), path));
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return await ServerSentEvents.Read(response);
    }

    private async Task<Answer> Send(string team, HttpMethod method, string path, object? body = null, string? key = null, string? prefer = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(_system.BaseAddress(team), path));
        if (body is not null) request.Content = JsonContent.Create(body);
        if (prefer is not null) request.Headers.Add("Prefer", prefer);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var response = await _client.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location?.ToString());
    }
}
