using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.ServiceDefaults.Tests;

/// <summary>The sample service on a real port, with a log file.</summary>
public sealed class RunningService : IAsyncLifetime
{
    public Dictionary<string, string?> Settings { get; } = new() { ["urls"] = "http://127.0.0.1:0", ["Ese:ConsoleLevel"] = "None" };

    public string[] Arguments { get; init; } = [];

    public string LogDirectory { get; } = Directory.CreateTempSubdirectory("ese-defaults-").FullName;

    public HttpClient Client { get; private set; } = null!;

    public WebApplication App { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Settings["Ese:LogDirectory"] = LogDirectory;
        App = SampleService.Build(Arguments, Settings);
        await App.StartAsync();
        var address = App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Client = new HttpClient { BaseAddress = new Uri(address) };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        Directory.Delete(LogDirectory, recursive: true);
    }

    public async Task<JsonObject> GetJson(string path) => (await Client.GetFromJsonAsync<JsonObject>(path))!;

    public JsonObject[] LogFileLines()
    {
        using var reader = new StreamReader(new FileStream(
            Path.Combine(LogDirectory, "user-support.ndjson"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];
    }
}

internal static class Eventually
{
    public static async Task<T> Within<T>(TimeSpan deadline, Func<T?> outcome)
    {
        using var timeout = new CancellationTokenSource(deadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            if (outcome() is { } found) return found;
            await timer.WaitForNextTickAsync(timeout.Token);
        }
    }

    public static async Task Within(TimeSpan deadline, Func<Task<bool>> outcome)
    {
        using var timeout = new CancellationTokenSource(deadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await outcome()) await timer.WaitForNextTickAsync(timeout.Token);
    }
}
