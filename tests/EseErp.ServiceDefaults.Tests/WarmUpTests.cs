using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EseErp.ServiceDefaults.Tests;

public sealed class WarmUpTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Should_not_be_ready_before_its_hot_paths_have_run()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await Service.Start(builder => builder.Services.AddHotPath("gate", (_, _) => gate.Task));

        var (status, warm) = await service.Ready();
        (status, warm).ShouldBe((HttpStatusCode.ServiceUnavailable, "Unhealthy: warming up"));

        gate.SetResult();
        await Eventually.Within(Deadline, async () => (await service.Ready()).Status == HttpStatusCode.OK);
        (await service.Logged(LogLevel.Information)).ShouldHaveSingleItem().ShouldMatch(@"\AWarm after \d+ ms: 1 hot paths have run\z");
    }

    [Fact]
    public async Task Should_be_ready_all_the_same_when_a_hot_path_fails()
    {
        var ran = false;
        await using var service = await Service.Start(builder => builder.Services
            .AddHotPath("broken", (_, _) => throw new InvalidOperationException("It does not work."))
            .AddHotPath("the next", (_, _) =>
            {
                ran = true;
                return Task.CompletedTask;
            }));

        await Eventually.Within(Deadline, async () => (await service.Ready()).Status == HttpStatusCode.OK);
        ran.ShouldBeTrue();
        (await service.Logged(LogLevel.Warning)).ShouldHaveSingleItem().ShouldBe("Warm-up of broken failed; its first request may take longer");
    }

    [Fact]
    public async Task Should_be_ready_all_the_same_when_a_hot_path_comes_to_no_end()
    {
        await using var service = await Service.Start(
            builder => builder.Services.AddHotPath("endless", (_, _) => new TaskCompletionSource().Task), ("Ese:WarmUpLimit", "00:00:00.200"));

        await Eventually.Within(Deadline, async () => (await service.Ready()).Status == HttpStatusCode.OK);
        (await service.Logged(LogLevel.Warning)).ShouldHaveSingleItem().ShouldStartWith("Warm-up ends after 0.2 s at endless");
    }

    [Fact]
    public async Task Should_run_no_hot_path_when_it_may_take_no_time()
    {
        await using var service = await Service.Start(
            builder => builder.Services.AddHotPath("never", (_, _) => new TaskCompletionSource().Task), ("Ese:WarmUpLimit", "00:00:00"));

        await Eventually.Within(Deadline, async () => (await service.Ready()).Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Should_ask_itself_what_its_endpoints_rehearse_and_count_none_of_it()
    {
        var heard = new List<string>();
        await using var service = await Service.Start(
            _ => { },
            app => app.MapPost("/refunds", (SampleRequest asked, HttpContext http, ILogger<Service> log) =>
                {
                    heard.Add($"{asked.ReturnId} {http.Request.Headers[IdempotencyMetadata.Header].Count} {http.Request.Headers["X-More"]} {Rehearsal.IsOn}");
                    log.LogInformation("A refund was opened");
                    return TypedResults.Created("/refunds/1");
                })
                .Rehearsed(201, new SampleRequest("RMA-2000-999999999999", "SO-1", SampleReason.Defective, 1), headers: ("X-More", "more")));
        await Eventually.Within(Deadline, async () => (await service.Ready()).Status == HttpStatusCode.OK);

        heard.ShouldBe(["RMA-2000-999999999999 1 more True"]);
        (await service.Logged(LogLevel.Information)).ShouldHaveSingleItem().ShouldStartWith("Warm after ");
        (await service.Client.GetStringAsync("/metrics")).ShouldNotContain("http_route=\"/refunds");

        await service.Client.PostAsync("/refunds", new StringContent("""{"returnId":"RMA-1","orderId":"SO-1","reason":"Defective","amount":1}""", null, "application/json"));
        heard.Last().ShouldBe("RMA-1 0  False");
        await Eventually.Within(Deadline, async () => (await service.Logged(LogLevel.Information)).Contains("A refund was opened"));
        (await service.Client.GetStringAsync("/metrics")).ShouldContain("http_route=\"/refunds");
    }

    [Fact]
    public async Task Should_say_which_rehearsed_request_is_refused()
    {
        await using var service = await Service.Start(
            _ => { }, app => app.MapPost("/refunds", (SampleRequest asked) => TypedResults.Ok(asked.ReturnId)).Rehearsed(200, new { returnId = "RMA-1" }));

        await Eventually.Within(Deadline, async () => (await service.Ready()).Status == HttpStatusCode.OK);
        (await service.Logged(LogLevel.Warning)).ShouldHaveSingleItem().ShouldBe("Warm-up of POST /refunds failed; its first request may take longer");
    }

    [Fact]
    public async Task Should_be_over_for_what_a_rehearsal_has_left_running()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<bool> left = Task.FromResult(true);
        await Rehearsal.Run(async () =>
        {
            left = Task.Run(async () =>
            {
                await gate.Task;
                return Rehearsal.IsOn;
            });
            await Task.Yield();
            Rehearsal.IsOn.ShouldBeTrue();
        });

        Rehearsal.IsOn.ShouldBeFalse();
        gate.SetResult();
        (await left).ShouldBeFalse();
    }

    private sealed class Service : IAsyncDisposable
    {
        private readonly WebApplication app;

        private Service(WebApplication app)
        {
            this.app = app;
            Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        }

        public HttpClient Client { get; }

        public static async Task<Service> Start(
            Action<WebApplicationBuilder> add, Func<WebApplication, IEndpointConventionBuilder> map, params (string Key, string? Value)[] settings)
        {
            var builder = WebApplication.CreateBuilder();
            builder.Configuration.AddInMemoryCollection(
                settings.Append(("Ese:ConsoleLevel", "None")).ToDictionary(setting => setting.Item1, setting => setting.Item2));
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.AddServiceDefaults("user-support");
            add(builder);
            var app = builder.Build();
            app.MapServiceDefaults();
            map(app);
            await app.StartAsync();
            return new Service(app);
        }

        public static Task<Service> Start(Action<WebApplicationBuilder> add, params (string Key, string? Value)[] settings) =>
            Start(add, app => app.MapGet("/nothing", () => TypedResults.Ok()), settings);

        public async Task<(HttpStatusCode Status, string Warm)> Ready()
        {
            using var answer = await Client.GetAsync("/health/ready");
            var warm = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["checks"]!.AsArray().Single(check => (string?)check!["name"] == "warm")!;
            return (answer.StatusCode, $"{warm["status"]}: {warm["description"]}");
        }

        /// <summary>What was logged at a level, but for what the host says itself: something was.</summary>
        public Task<List<string>> Logged(LogLevel level) => Eventually.Within(Deadline, () => Lines(level) is { Count: > 0 } lines ? lines : null);

        private List<string> Lines(LogLevel level)
        {
            var lines = new List<string>();
            foreach (var entry in app.Services.GetRequiredService<LogRing>().Read(0, 1000).Entries)
            {
                var line = JsonNode.Parse(entry.Json.Span)!;
                if (entry.Level == level && !((string)line["category"]!).StartsWith("Microsoft.", StringComparison.Ordinal)) lines.Add((string)line["message"]!);
            }

            return lines;
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }
}
