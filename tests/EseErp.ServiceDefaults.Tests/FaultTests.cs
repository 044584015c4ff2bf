using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EseErp.ServiceDefaults.Tests;

/// <summary>What goes wrong on purpose, as a client sees it.</summary>
#pragma warning disable CA1001 // xunit disposes of it through IAsyncLifetime.
public sealed class FaultTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private const string Business = "/refunds/RMA-1";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly RunningService service = new() { Arguments = ["--environment=Development"] };

    public Task InitializeAsync()
    {
        service.Settings["Ese:Faults"] = "true";
        return service.InitializeAsync();
    }

    public Task DisposeAsync() => service.DisposeAsync();

    [Fact]
    public async Task Should_not_be_there_unless_switched_on()
    {
        var plain = new RunningService();
        await plain.InitializeAsync();
        try
        {
            (await plain.Client.GetAsync("/faults")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await plain.Client.PutAsJsonAsync("/faults", new { errorRate = 1 })).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await plain.Client.GetAsync(Business)).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await plain.Client.GetStringAsync("/openapi/v1.json")).ShouldNotContain("/faults");
        }
        finally
        {
            await plain.DisposeAsync();
        }
    }

    [Fact]
    public void Should_not_start_with_them_in_Production() =>
        Should.Throw<OptionsValidationException>(() => SampleService.Build(
            ["--environment=Production"], new Dictionary<string, string?> { ["Ese:ConsoleLevel"] = "None", ["Ese:Faults"] = "true" })).Message.ShouldContain("Production");

    [Theory]
    [InlineData("""{"latencies":{}}""", "latencies")]
    [InlineData("""{"errorRate":1.1}""", "errorRate")]
    [InlineData("""{"latency":{"medianMilliseconds":5}}""", "latency.distribution")]
    [InlineData("""{"latency":{"distribution":"constant","medianMilliseconds":60001}}""", "latency.medianMilliseconds")]
    [InlineData("""{"latency":{"distribution":"constant","medianMilliseconds":5,"p95Milliseconds":9}}""", "latency.p95Milliseconds")]
    [InlineData("""{"latency":{"distribution":"uniform","medianMilliseconds":5,"jitterMilliseconds":6}}""", "latency.jitterMilliseconds")]
    [InlineData("""{"latency":{"distribution":"lognormal","medianMilliseconds":5}}""", "latency.p95Milliseconds")]
    [InlineData("""{"databaseDelayMilliseconds":5001}""", "databaseDelayMilliseconds")]
    [InlineData("""{"forSeconds":0}""", "forSeconds")]
    public async Task Should_refuse_a_set_that_makes_no_sense_and_keep_the_one_before(string body, string field)
    {
        await Put("""{"databaseDelayMilliseconds":7}""");
        var answer = await service.Client.PutAsync("/faults", new StringContent(body, Encoding.UTF8, "application/json"));
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["errors"]!.AsObject().Select(error => error.Key).ShouldContain(field);
        ((int)(await service.GetJson("/faults"))["faults"]!["databaseDelayMilliseconds"]!).ShouldBe(7);
    }

    [Fact]
    public async Task Should_delay_requests_and_nothing_that_watches()
    {
        await Put("""{"latency":{"distribution":"constant","medianMilliseconds":300}}""");
        var clock = Stopwatch.StartNew();
        (await service.Client.GetAsync(Business)).StatusCode.ShouldBe(HttpStatusCode.OK);
        clock.ElapsedMilliseconds.ShouldBeGreaterThanOrEqualTo(299);

        foreach (var page in new[] { "/health/live", "/health/ready", "/logs", "/metrics", "/faults", "/openapi/v1.json", "/swagger/index.html" })
            using (await service.Client.GetAsync(page)) { }
        (await Strikes("latency")).ShouldBe(1);
    }

    [Fact]
    public async Task Should_let_requests_go_that_wait_when_the_latency_is_lifted()
    {
        await Put("""{"latency":{"distribution":"constant","medianMilliseconds":60000}}""");
        var waiting = service.Client.GetAsync(Business);
        await Struck("latency");
        waiting.IsCompleted.ShouldBeFalse();
        await Put("{}");
        (await waiting.WaitAsync(Limit)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Should_answer_errors_before_any_work_is_done()
    {
        await Put("""{"errorRate":1}""");
        var answer = await service.Client.PostAsJsonAsync("/refunds", new { returnId = "RMA-1", orderId = "SO-1", reason = "WrongItem", amount = 1 });
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        ((string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"]!).ShouldContain("An injected fault");
        (await service.Client.GetAsync(Business)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await service.Client.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
        service.LogFileLines().ShouldNotContain(line => ((string?)line["message"] ?? "").Contains("Looked up"));

        await Put("{}");
        (await service.Client.GetAsync(Business)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("""{"errorRate":1}""")]
    [InlineData("""{"refuseConnections":true}""")]
    [InlineData("""{"hang":true}""")]
    public async Task Should_spare_what_says_at_its_endpoint_that_one_mends_with_it(string faults)
    {
        await Put(faults);
        (await service.Client.PostAsync("/mends", null).WaitAsync(Limit)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await service.Client.GetAsync("/openapi/v1.json").WaitAsync(Limit)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Put("{}");
    }

    [Fact]
    public async Task Should_strike_a_path_that_only_begins_like_a_spared_one()
    {
        await Put("""{"errorRate":1}""");
        (await service.Client.GetAsync("/health/of-refunds")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task Should_draw_the_same_errors_for_the_same_seed()
    {
        var first = await Draw(42);
        first.Count(failed => failed).ShouldBeInRange(5, 25);
        (await Draw(42)).ShouldBe(first);
        (await Draw(43)).ShouldNotBe(first);

        async Task<List<bool>> Draw(int seed)
        {
            await Put($$"""{"errorRate":0.5,"seed":{{seed}}}""");
            var failed = new List<bool>();
            for (var request = 0; request < 30; request++) failed.Add((await service.Client.GetAsync(Business)).StatusCode == HttpStatusCode.ServiceUnavailable);
            return failed;
        }
    }

    [Fact]
    public async Task Should_hang_until_it_is_lifted_or_the_client_gives_up()
    {
        await Put("""{"hang":true}""");
        using var patience = new CancellationTokenSource();
        var waiting = service.Client.GetAsync("/refunds/RMA-2");
        var givenUp = service.Client.GetAsync("/refunds/RMA-3", patience.Token);
        await Eventually.Within(Limit, async () => await Strikes("hang") == 2);
        (await service.Client.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
        waiting.IsCompleted.ShouldBeFalse();
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(givenUp);
        // Another set that hangs, too, lets nobody go.
        await Put("""{"hang":true,"databaseDelayMilliseconds":1}""");
        waiting.IsCompleted.ShouldBeFalse();

        await Put("{}");
        (await waiting.WaitAsync(Limit)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Should_reset_connections_new_and_kept()
    {
        (await service.Client.GetAsync(Business)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Put("""{"refuseConnections":true}""");
        await Should.ThrowAsync<HttpRequestException>(() => service.Client.GetAsync(Business));

        using var connection = new TcpClient();
        await connection.ConnectAsync(service.Client.BaseAddress!.Host, service.Client.BaseAddress.Port);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {Business} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        var reset = await Should.ThrowAsync<IOException>(async () => await connection.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Limit));
        reset.InnerException.ShouldBeOfType<SocketException>().SocketErrorCode.ShouldBe(SocketError.ConnectionReset);
        service.LogFileLines().Count(line => ((string?)line["message"] ?? "").Contains("Looked up")).ShouldBe(1);

        await Put("{}");
        (await service.Client.GetAsync(Business)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Should_lift_itself_when_its_time_is_up()
    {
        var set = await Put("""{"hang":true,"forSeconds":0.3}""");
        (DateTimeOffset.Parse((string)set["liftsAt"]!) - DateTimeOffset.Parse((string)set["setAt"]!)).ShouldBe(TimeSpan.FromSeconds(0.3));
        (await service.Client.GetAsync(Business).WaitAsync(Limit)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await service.GetJson("/faults"))["setAt"].ShouldBeNull();
        await Logged("Faults lifted: their time is over");
    }

    [Fact]
    public void Should_not_lift_the_next_set_when_the_time_of_the_one_before_is_up()
    {
        var clock = new HandClock();
        using var faults = new Faults(clock, NullLogger<Faults>.Instance);
        faults.Put(new FaultSet(Hang: true, ForSeconds: 1));
        faults.Put(new FaultSet(ErrorRate: 1, ForSeconds: 9));
        clock.Ring(0);
        faults.Set.ErrorRate.ShouldBe(1);
        clock.Ring(1);
        faults.Set.ShouldBe(FaultSet.None);
    }

    [Fact]
    public async Task Should_show_in_metrics_and_log_what_is_set()
    {
        await Put("""{"latency":{"distribution":"lognormal","medianMilliseconds":1,"p95Milliseconds":2},"errorRate":0.25}""");
        var metrics = await service.Client.GetStringAsync("/metrics");
        metrics.ShouldContain("ese_fault_active{fault=\"latency\"} 1");
        metrics.ShouldContain("ese_fault_active{fault=\"errors\"} 1");
        metrics.ShouldNotContain("ese_fault_active{fault=\"hang\"} 1");
        await Logged("Faults set, until they are lifted: latency 1 ms, p95 2 ms, errors 25%");
        await Put("{}");
        (await service.Client.GetStringAsync("/metrics")).ShouldContain("ese_fault_active{fault=\"latency\"} 0");
        await Logged("Faults lifted: by request");
    }

    [Fact]
    public void Should_draw_latencies_as_they_are_described()
    {
        Draw(new(LatencyDistribution.Constant, 500)).Distinct().ShouldBe([500d]);

        var uniform = Draw(new(LatencyDistribution.Uniform, 500, JitterMilliseconds: 100));
        uniform.ShouldAllBe(wait => wait >= 400 && wait <= 600);
        uniform[0].ShouldBeInRange(400, 401);
        uniform[^1].ShouldBeInRange(599, 600);
        uniform[uniform.Length / 2].ShouldBe(500, 5);

        var lognormal = Draw(new(LatencyDistribution.Lognormal, 100, P95Milliseconds: 1000));
        lognormal[lognormal.Length / 2].ShouldBe(100, 5);
        lognormal[(int)(lognormal.Length * 0.95)].ShouldBe(1000, 60);
        Draw(new(LatencyDistribution.Lognormal, 50_000, P95Milliseconds: 60_000)).ShouldAllBe(wait => wait <= 60_000);

        static double[] Draw(LatencyFault latency)
        {
            var random = new Random(7);
            return [.. Enumerable.Range(0, 20_000).Select(_ => latency.Draw(random).TotalMilliseconds).Order()];
        }
    }

    /// <summary>Timers that are due when the test says so, even one that was disposed of a moment too late.</summary>
    private sealed class HandClock : TimeProvider
    {
        private readonly List<Action> timers = [];

        public void Ring(int timer) => timers[timer]();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            timers.Add(() => callback(state));
            return new Nothing();
        }

        private sealed class Nothing : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    private async Task<JsonNode> Put(string body)
    {
        var answer = await service.Client.PutAsync("/faults", new StringContent(body, Encoding.UTF8, "application/json"));
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private Task Struck(string fault) => Eventually.Within(Limit, async () => await Strikes(fault) > 0);

    private async Task<int> Strikes(string fault) =>
        (await service.Client.GetStringAsync("/metrics")).Split('\n').Where(line => line.StartsWith($"ese_fault_strikes_total{{fault=\"{fault}\",on=\"request\"}}"))
            .Select(line => int.Parse(line.Split(' ')[1])).SingleOrDefault();

    private Task Logged(string text) => Eventually.Within(
        Limit, () => Task.FromResult(service.LogFileLines().Any(line => ((string?)line["message"] ?? "").Contains(text))));
}
