using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EseErp.ServiceDefaults.Tests;

public sealed class LogTests(RunningService service) : IClassFixture<RunningService>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Should_write_one_JSON_object_per_line_with_ids_from_scopes_and_template()
    {
        var logger = service.App.Services.GetRequiredService<ILogger<LogTests>>();
        using (logger.BeginScope(new Dictionary<string, object> { ["eventId"] = "outer", ["correlationId"] = "corr-7", ["Password"] = "hunter2" }))
        using (logger.BeginScope(new Dictionary<string, object> { ["attempt"] = 3, ["amount"] = 1.50m, ["eventId"] = "inner" }))
            logger.LogError(new EventId(4, "Named"), new InvalidOperationException("Host=x;Password=hunter2;Port=1"), "Line\nbreak {ReturnId} {EventId}", "RMA-5", "own");

        var line = await Line(entry => (string?)entry["returnId"] == "RMA-5");
        ((string)line["level"]!).ShouldBe("Error");
        ((string)line["team"]!).ShouldBe("user-support");
        ((string)line["category"]!).ShouldBe(typeof(LogTests).FullName);
        ((string)line["message"]!).ShouldBe("Line\nbreak RMA-5 own");
        ((string)line["eventId"]!).ShouldBe("own");
        ((string)line["correlationId"]!).ShouldBe("corr-7");
        ((int)line["attempt"]!).ShouldBe(3);
        ((decimal)line["amount"]!).ShouldBe(1.50m);
        ((string)line["exception"]!).ShouldContain("Password=***;Port=1");
        ((string)line["time"]!).ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$");
        line.ToJsonString().ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task Should_leave_out_what_is_null_and_write_times_as_ISO_8601()
    {
        var logger = service.App.Services.GetRequiredService<ILogger<LogTests>>();
        var due = new DateTimeOffset(2026, 12, 12, 21, 57, 46, 500, TimeSpan.Zero);
        logger.LogInformation("{ValuationId}: {State}, {Operation} {Operand:0.00} {Reason}", "V-1", "Applied", null, 199.9m, null);
        logger.LogInformation("{ValuationId} expected until {DueAt} by {Who} today", "V-2", due, null);

        ((string)(await Line(entry => (string?)entry["valuationId"] == "V-1"))["message"]!).ShouldBe("V-1: Applied, 199.90");
        ((string)(await Line(entry => (string?)entry["valuationId"] == "V-2"))["message"]!).ShouldBe("V-2 expected until 2026-12-12T21:57:46Z by today");
    }

    [Fact]
    public async Task Should_put_correlation_and_return_id_of_a_request_on_its_lines()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/refunds/RMA-77");
        request.Headers.Add("X-Correlation-Id", "abc.DEF-1_2");
        var response = await service.Client.SendAsync(request);
        response.Headers.GetValues("X-Correlation-Id").ShouldBe(["abc.DEF-1_2"]);
        var line = await Line(entry => (string?)entry["returnId"] == "RMA-77");
        ((string)line["correlationId"]!).ShouldBe("abc.DEF-1_2");
        ((string)line["traceId"]!).Length.ShouldBe(32);
    }

    [Fact]
    public async Task Should_page_through_the_log_and_carry_on_where_it_ended()
    {
        var logger = service.App.Services.GetRequiredService<ILogger<LogTests>>();
        for (var number = 0; number < 120; number++) logger.LogInformation("Paged {Number}", number);
        await Line(entry => (string?)entry["message"] == "Paged 119");

        var numbers = new List<int>();
        var after = string.Empty;
        do
        {
            var page = await service.GetJson($"/logs?limit=50&after={after}");
            numbers.AddRange(page["items"]!.AsArray().Where(item => ((string)item!["message"]!).StartsWith("Paged")).Select(item => (int)item!["number"]!));
            after = (string?)page["next"];
        }
        while (after is not null);
        numbers.ShouldBe(Enumerable.Range(0, 120));
    }

    [Fact]
    public async Task Should_stream_what_is_there_then_what_comes()
    {
        var logger = service.App.Services.GetRequiredService<ILogger<LogTests>>();
        logger.LogInformation("Streamed {Number}", 1);
        var first = await Line(entry => (string?)entry["message"] == "Streamed 1");
        using var timeout = new CancellationTokenSource(Deadline);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/logs/stream");
        request.Headers.Add("Last-Event-ID", ((long)first["sequence"]! - 1).ToString());
        using var response = await service.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");

        var messages = new List<string>();
        await foreach (var item in Events(response, timeout.Token))
        {
            if (item.EventType != "log") continue;
            var message = (string)JsonNode.Parse(item.Data)!["message"]!;
            if (!message.StartsWith("Streamed")) continue;
            messages.Add(message);
            if (messages.Count == 2) break;
            logger.LogInformation("Streamed {Number}", 2);
        }

        messages.ShouldBe(["Streamed 1", "Streamed 2"]);
    }

    [Fact]
    public async Task Should_end_a_stream_promptly_when_the_service_stops()
    {
        var own = new RunningService();
        await own.InitializeAsync();
        using var response = await own.Client.GetAsync("/logs/stream", HttpCompletionOption.ResponseHeadersRead);
        var reading = response.Content.ReadAsStringAsync();
        own.App.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await reading.WaitAsync(TimeSpan.FromSeconds(3));
        await own.DisposeAsync();
    }

    [Fact]
    public void Should_tell_a_slow_reader_how_much_it_missed()
    {
        var ring = new LogRing(capacity: 10);
        for (var sequence = 101L; sequence <= 125; sequence++) ring.Append([new LogEntry(sequence, LogLevel.Information, "{}"u8.ToArray())]);

        var (entries, more) = ring.Read(after: 105, limit: 5);
        entries.Select(entry => entry.Sequence).ShouldBe([116, 117, 118, 119, 120]);
        more.ShouldBeTrue();
        ring.MissedBetween(105, 116).ShouldBe(10);
        ring.MissedBetween(0, 116).ShouldBe(15);
        ring.MissedBetween(50, 101).ShouldBe(0);
        ring.Read(after: 125, limit: 5).Entries.ShouldBeEmpty();
        ring.Read(after: 999, limit: 5).Entries.ShouldBeEmpty();
    }

    [Fact]
    public void Should_roll_over_keep_a_bounded_number_of_files_and_leave_a_second_replica_its_own()
    {
        var directory = Directory.CreateTempSubdirectory("ese-log-").FullName;
        using (var file = new LogFile(directory, "sales", rollAt: 1000, kept: 2))
        using (var replica = new LogFile(directory, "sales", rollAt: 1000, kept: 2))
        {
            replica.Append([Entry(1)]);
            for (var sequence = 1; sequence <= 100; sequence++) file.Append([Entry(sequence)]);
        }

        Directory.GetFiles(directory, "sales*").Select(Path.GetFileName).Order()
            .ShouldBe(["sales-2.ndjson", "sales.1.ndjson", "sales.2.ndjson", "sales.ndjson"], ignoreOrder: true);
        var kept = File.ReadLines(Path.Combine(directory, "sales.1.ndjson")).Concat(File.ReadLines(Path.Combine(directory, "sales.ndjson"))).ToArray();
        kept[^1].ShouldContain("\"sequence\":100");
        Directory.Delete(directory, recursive: true);

        static LogEntry Entry(long sequence) => new(sequence, LogLevel.Information, Encoding.UTF8.GetBytes($"{{\"sequence\":{sequence},\"message\":\"{new string('x', 50)}\"}}"));
    }

    private static IAsyncEnumerable<SseItem<string>> Events(HttpResponseMessage response, CancellationToken cancellation) =>
        SseParser.Create(response.Content.ReadAsStream(cancellation)).EnumerateAsync(cancellation);

    private Task<JsonObject> Line(Func<JsonObject, bool> wanted) => Eventually.Within(Deadline, () => service.LogFileLines().FirstOrDefault(wanted));
}
