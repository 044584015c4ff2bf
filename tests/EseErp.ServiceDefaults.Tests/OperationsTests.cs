using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace EseErp.ServiceDefaults.Tests;

public sealed class OperationsTests(RunningService service) : IClassFixture<RunningService>
{
    [Fact]
    public async Task Should_answer_health_without_leaking_why()
    {
        (await service.GetJson("/health/live"))["status"]!.GetValue<string>().ShouldBe("Healthy");
        await Eventually.Within(TimeSpan.FromSeconds(30), async () =>
            (await (await service.Client.GetAsync("/health/ready")).Content.ReadAsStringAsync()).Contains("hot paths have run", StringComparison.Ordinal));
        var response = await service.Client.GetAsync("/health/ready");
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var text = await response.Content.ReadAsStringAsync();
        text.ShouldNotContain("hunter2");
        var answer = JsonNode.Parse(text)!;
        ((string)answer["status"]!).ShouldBe("Unhealthy");
        answer["checks"]!.AsArray().Select(check => $"{check!["name"]} {check["status"]}").ShouldBe(["service Healthy", "warm Healthy", "database Unhealthy"]);
    }

    [Fact]
    public async Task Should_ask_a_client_to_come_again_when_the_database_is_away()
    {
        var response = await service.Client.GetAsync("/away");

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        ((string)problem["detail"]!).ShouldContain("Idempotency-Key");
        ((string)problem["detail"]!).ShouldNotContain("Host=db");
    }

    [Fact]
    public async Task Should_report_metrics_in_Prometheus_text_format()
    {
        for (var count = 0; count < 3; count++)
            await service.Client.PostAsJsonAsync("/refunds", new { returnId = "RMA-1", orderId = "SO-1", reason = "WrongItem", amount = 1 });
        var response = await service.Client.GetAsync("/metrics");
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n');

        lines.ShouldContain("# TYPE ese_sample_refunds_total counter");
        lines.ShouldContain(line => line.StartsWith("ese_sample_refunds_total{reason=\"WrongItem\"} "));
        lines.ShouldContain("# TYPE ese_sample_duration_seconds histogram");
        lines.ShouldContain(line => line.StartsWith("ese_sample_duration_seconds_bucket{le=\"0.01\"} 0"));
        lines.ShouldContain(line => line.StartsWith("ese_sample_duration_seconds_bucket{le=\"+Inf\"} "));
        lines.ShouldContain(line => line.StartsWith("ese_sample_open "));
        lines.ShouldContain("ese_sample_lag{topic=\"a\\\"b\"} 7");
        lines.ShouldContain(line => line.StartsWith("http_server_request_duration_seconds_count{") && line.Contains("http_route=\"/refunds\""));
        lines.ShouldContain(line => line.StartsWith("process_cpu_seconds_total "));
        lines.Where(line => line.Length > 0).ShouldAllBe(line => line.StartsWith('#') || System.Text.RegularExpressions.Regex.IsMatch(line, @"\A[a-z_:][a-z0-9_:]*(\{.*\})? [-+0-9.eEInfNa]+\z"));
        lines.Where(line => line.Length > 0 && !line.StartsWith('#')).Select(line => line[..line.LastIndexOf(' ')]).ShouldBeUnique();
    }

    [Fact]
    public void Should_bound_the_series_of_a_metric()
    {
        var family = new MetricFamily("x_total", "x", MetricKind.Counter, []);
        for (var id = 0; id < 10_000; id++) family.SeriesOf([new("id", id)]).Add(1);
        family.SeriesOf([new("a", 1), new("b", 2)]).ShouldBeSameAs(family.SeriesOf([new("b", 2), new("a", 1)]));
        var text = new System.Text.StringBuilder();
        family.Write(text, 1);
        var lines = text.ToString().Split('\n').Where(line => line.StartsWith("x_total")).ToArray();
        lines.Length.ShouldBe(MetricFamily.MostSeries + 1);
        lines.Sum(line => double.Parse(line.Split(' ')[1])).ShouldBe(10_000);
        lines.ShouldContain("x_total{overflow=\"true\"} 9500");
    }

    [Fact]
    public async Task Should_describe_every_operation_with_examples_and_problems()
    {
        var document = await service.GetJson("/openapi/v1.json");
        ((string)document["info"]!["title"]!).ShouldBe("EseErp – User Support");

        var post = document["paths"]!["/refunds"]!["post"]!;
        ((string)post["summary"]!).ShouldBe("Opens a refund");
        var body = post["requestBody"]!["content"]!["application/json"]!;
        body["example"]!.ToJsonString().ShouldBe("""{"returnId":"RMA-2026-000123","orderId":"SO-1","reason":"WrongItem","amount":12.5,"currency":"EUR"}""");
        ((decimal)post["responses"]!["201"]!["content"]!["application/json"]!["example"]!["amount"]!).ShouldBe(12.5m);
        foreach (var status in new[] { "400", "413", "415", "422", "500" })
            ((string)post["responses"]![status]!["content"]!["application/problem+json"]!["schema"]!["$ref"]!).ShouldBe("#/components/schemas/Problem");
        post["parameters"]!.AsArray().ShouldContain(parameter => (string)parameter!["name"]! == "Idempotency-Key" && (string)parameter["in"]! == "header");

        var schemas = document["components"]!["schemas"]!;
        schemas["SampleReason"]!["enum"]!.ToJsonString().ShouldBe("""["Defective","WrongItem"]""");
        schemas["SampleRequest"]!["properties"]!["returnId"]!["maxLength"]!.GetValue<int>().ShouldBe(40);
        ((string)schemas["SampleRequest"]!["properties"]!["orderId"]!["description"]!).ShouldBe("The order the device was sold on.");

        var get = document["paths"]!["/refunds/{returnId}"]!["get"]!;
        ((string)get["summary"]!).ShouldBe("One refund.");
        ((string)get["parameters"]![0]!["description"]!).ShouldBe("The return it belongs to.");
        get["responses"]!.AsObject().Select(response => response.Key).ShouldBe(["200", "404", "409", "400", "500"], ignoreOrder: true);

        var parameters = document["paths"]!["/refunds"]!["get"]!["parameters"]!.AsArray();
        parameters.Select(parameter => (string)parameter!["name"]!).ShouldBe(["reason", "after", "limit", "year", "open"], ignoreOrder: true);
        var limit = parameters.Single(parameter => (string)parameter!["name"]! == "limit")!;
        ((int)limit["schema"]!["maximum"]!).ShouldBe(500);
        ((int)limit["schema"]!["default"]!).ShouldBe(50);
        ((string)limit["description"]!).ShouldContain("1 to 500");
    }

    [Fact]
    public async Task Should_serve_Swagger_from_its_own_assembly()
    {
        var page = await service.Client.GetAsync("/swagger");
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await service.Client.GetStringAsync("/swagger/index.html")).ShouldContain("swagger-ui-bundle.js");
        (await service.Client.GetAsync("/swagger/swagger-ui-bundle.js")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await service.Client.GetStringAsync("/swagger/index.js")).ShouldContain("/openapi/v1.json");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // takes the 10 s of grace
    public async Task Should_end_when_standard_input_closes_even_if_it_hangs(bool hangs)
    {
        using var process = StartSample($"--Sample:Hangs={hangs}");
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await Says(process, "Application started", deadline.Token);

        process.StandardInput.Close();
        var rest = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        (process.ExitCode == 0).ShouldBe(!hangs);
        rest.ShouldContain("Standard input closed");
    }

    [Fact]
    public async Task Should_end_when_standard_input_closes_while_it_waits_for_what_it_needs_to_start()
    {
        using var process = StartSample("--Sample:WaitsAtStart=true");
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await Says(process, "Waiting for ever", deadline.Token);

            process.StandardInput.Close();

            (await process.StandardOutput.ReadToEndAsync(deadline.Token)).ShouldContain("Standard input closed");
            await process.WaitForExitAsync(deadline.Token);
        }
        finally
        {
            process.Kill();
        }
    }

    private static Process StartSample(string setting) => Process.Start(new ProcessStartInfo(
        "dotnet", [typeof(SampleService).Assembly.Location, "--urls=http://127.0.0.1:0", "--Ese:StopWhenStdinCloses=true", setting])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    private static async Task Says(Process process, string text, CancellationToken cancellationToken)
    {
        while (!(await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("ended")).Contains(text, StringComparison.Ordinal))
        {
            // Until it does.
        }
    }
}
