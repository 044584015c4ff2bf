using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace EseErp.Teams.Tests.Running;

/// <summary>
/// One team on a database of its own, without broker: driven through its desks in units of work, as its endpoints and
/// its pump do, or through its endpoints, at a time that the test sets.
/// </summary>
internal sealed class TeamInProcess : IAsyncDisposable
{
    private static int _numbers;

    private readonly TestDatabases _databases = new();
    private WebApplication _app = null!;
    private HttpClient? _http;

    public ManualClock Clock { get; } = new();

    /// <summary>Leads to its database.</summary>
    public string Database { get; private set; } = "";

    public IServiceProvider Services => _app.Services;

    public static async Task<TeamInProcess> Start(string team, Action<WebApplicationBuilder> add, params (string Key, string Value)[] settings)
    {
        var started = new TeamInProcess();
        await started._databases.InitializeAsync();
        var builder = WebApplication.CreateBuilder();
        var name = $"ese_{team.Replace('-', '_')}";
        builder.Configuration["ConnectionStrings:Database"] = started.Database = started._databases.Database(name);
        builder.Configuration["ConnectionStrings:Broker"] = started._databases.Broker(name);
        foreach (var (key, value) in settings) builder.Configuration[key] = value;
        builder.AddServiceDefaults(team);
        add(builder);
        builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(started.Clock));
        started._app = builder.Build();
        // The first thing a service starts is the migration of its database.
        await started.Services.GetServices<IHostedService>().First().StartAsync(CancellationToken.None);
        return started;
    }

    /// <summary>Opens the team's endpoints, and nothing else of what a service starts.</summary>
    public async Task Listen(Action<WebApplication> map)
    {
        _app.Urls.Add("http://127.0.0.1:0");
        _app.MapServiceDefaults();
        map(_app);
        await Services.GetServices<IHostedService>().Single(service => service.GetType().Name == "GenericWebHostService").StartAsync(CancellationToken.None);
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    /// <summary>Begins to read an answer that goes on.</summary>
    public async Task<Stream> Follow(string address)
    {
        var answer = await _http!.GetAsync(address, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStreamAsync();
    }

    /// <summary>Calls an endpoint.</summary>
    /// <param name="driver">The key of who drives the return; null for none.</param>
    public async Task<(int Status, JsonNode? Body)> Post(string address, object? body = null, string? driver = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        if (body is not null) request.Content = JsonContent.Create(body, body.GetType());
        if (driver is not null) request.Headers.Add(Drivers.Header, driver);
        using var answer = await _http!.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return ((int)answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        await _app.DisposeAsync();
        await _databases.DisposeAsync();
    }

    public static string NewReturn() => $"RMA-2026-{Interlocked.Increment(ref _numbers):000000}";

    /// <summary>One transaction, as an endpoint or a batch of the pump.</summary>
    public async Task<T> Work<T>(Func<IServiceProvider, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UnitOfWork>().Run(_ => work(scope.ServiceProvider), CancellationToken.None);
    }

    public Task Work(Func<IServiceProvider, Task> work) => Work(async services =>
    {
        await work(services);
        return true;
    });

    /// <summary>What the team has recorded of a return, such as <c>item-received</c>, in order.</summary>
    public async Task<IReadOnlyList<string>> Recorded(string returnId)
    {
        await using var scope = Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<EventStreams>().ReadStream(returnId, null, CancellationToken.None))
            .Select(recorded => recorded.Type.Split('.')[2]).ToList();
    }

    /// <summary>Starts all at once; none of them may fail.</summary>
    public static Task AtOnce(params Func<Task>[] doings)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = doings.Select(async doing =>
        {
            await gate.Task;
            await doing();
        }).ToList();
        gate.SetResult();
        return Task.WhenAll(started);
    }
}

/// <summary>Time that moves only when told to.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long _ticks = new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.Zero).UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);
}
