using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Registry.Tests;

/// <summary>A service with nothing but a registry, put together as the real ones are, on a database of the class's own.</summary>
public sealed class RunningRegistry : IAsyncLifetime
{
    public const int SnapshotEvery = 5;

    private readonly TestDatabases _databases = new();
    private WebApplication _app = null!;

    public HttpClient Client { get; private set; } = null!;

    public SetClock Clock { get; } = new();

    public IServiceProvider Services => _app.Services;

    public RegistryType<Machine> Machines => Services.GetRequiredService<RegistryTypes>().Of<Machine>();

    public async Task InitializeAsync()
    {
        await _databases.InitializeAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["ConnectionStrings:Database"] = _databases.Database("ese_sales");
        builder.Configuration["Ese:ConsoleLevel"] = "None";
        builder.Configuration["Ese:Registry:SnapshotEvery"] = $"{SnapshotEvery}";
        builder.Configuration["Ese:Registry:MostDocumentBytes"] = "500";
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.AddServiceDefaults("sales");
        builder.AddEventStore<MachineDb>(new Dictionary<string, Type>());
        builder.Services.AddSingleton(new SchemaLibrary(typeof(RunningRegistry).Assembly));
        builder.AddRegistry(on => on.Type<Machine>("machines", machine => machine.Code)
            .Updates<MachineRows>()
            .Requires((machine, faults) =>
            {
                if (machine.Name == machine.Code) faults.Add("name", "must not be the code");
            })
            .Shows(new Machine("M-0", "An example", 10), new { price = 11 }));
        _app = builder.Build();
        _app.MapServiceDefaults();
        _app.MapRegistry();
        await _app.StartAsync();
        Client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async Task DisposeAsync()
    {
        Client?.Dispose();
        if (_app is not null) await _app.DisposeAsync();
        await _databases.DisposeAsync();
    }

    /// <summary>An id no other test uses.</summary>
    public static string NewCode() => $"M-{Guid.NewGuid():N}"[..20];

    /// <summary>Does a piece of work as a request would: in a scope and a unit of work of its own.</summary>
    public async Task<T> Work<T>(Func<RegistryDesk, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        var desk = scope.ServiceProvider.GetRequiredService<RegistryDesk>();
        return await scope.ServiceProvider.GetRequiredService<UnitOfWork>().Run(_ => work(desk), CancellationToken.None);
    }

    public async Task<T> Query<T>(Func<MachineDb, Task<T>> query)
    {
        await using var scope = Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<MachineDb>());
    }

    /// <summary>How many rows such a question finds.</summary>
    public Task<int> Count(FormattableString sql) => Query(db => db.Database.SqlQuery<int>(sql).SingleAsync());

    public async Task<Answer> Send(string method, string address, string? body = null, string? ifMatch = null, string? user = null, string? key = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/registry/machines{address}");
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(method == "PATCH" ? RegistryApi.PatchType : "application/json"));
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (user is not null) request.Headers.Add("X-User", user);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer((int)response.StatusCode, response.Headers.ETag?.ToString(), response.Headers.Location?.ToString(), JsonNode.Parse(text)!.AsObject());
    }
}

/// <summary>An answer of the registry.</summary>
public sealed record Answer(int Status, string? ETag, string? Location, JsonObject Body)
{
    public string Document => Body["document"]!.ToJsonString();

    public Answer Expect(int status)
    {
        Status.ShouldBe(status, Body.ToJsonString());
        return this;
    }

    /// <summary>What is said of a field.</summary>
    public string Fault(string field) => (string?)Body["errors"]?[field]?[0] ?? throw new ShouldAssertException($"{field} is not named: {Body.ToJsonString()}");
}

/// <summary>A clock that stands until it is moved.</summary>
public sealed class SetClock : TimeProvider
{
    private long _ticks = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero).Ticks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public DateTimeOffset Move(TimeSpan by)
    {
        Interlocked.Add(ref _ticks, by.Ticks);
        return GetUtcNow();
    }
}
