using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace EseErp.ServiceDefaults.Tests;

/// <summary>Who may come in: pages from elsewhere may not, whatever their browser lets them send.</summary>
public sealed class BorderTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Good = """{"returnId":"RMA-1","orderId":"SO-1","reason":"Defective","amount":1.5}""";
    private const string Chromium = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36";

    private int Port => service.Client.BaseAddress!.Port;

    /// <summary>What a browser sends for a page from elsewhere that posts with <c>mode: 'no-cors'</c>, a form, or <c>sendBeacon</c>.</summary>
    [Theory]
    [InlineData("Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors")]
    [InlineData("Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nContent-Type: text/plain;charset=UTF-8")]
    [InlineData("Origin: null\r\nSec-Fetch-Site: cross-site")]
    [InlineData("Origin: http://localhost:3000\r\nSec-Fetch-Site: same-site")]
    [InlineData("Sec-Fetch-Site: cross-site")]
    [InlineData("Sec-Fetch-Site: same-site\r\nContent-Type: application/json")]
    [InlineData("Origin: http://evil.example\r\nContent-Type: application/json")]
    [InlineData("Origin: http://evil.example\r\nIdempotency-Key: 1")]
    [InlineData("Origin: null")]
    [InlineData("Origin: ")]
    [InlineData("Origin: https://{host}")]
    [InlineData("Origin: http://{host}\r\nOrigin: http://evil.example")]
    [InlineData("Origin: http://{host}\r\nSec-Fetch-Site: cross-site")]
    [InlineData("Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site")]
    public async Task Should_refuse_a_request_of_a_page_from_elsewhere(string headers)
    {
        foreach (var method in new[] { "POST", "PUT", "DELETE" })
        {
            var answer = await Send($"{method} /touches HTTP/1.1", $"Host: {{host}}\r\n{headers}\r\nContent-Length: 0");
            answer.Status.ShouldBe(403, answer.Text);
            ((string)answer.Json["detail"]!).ShouldContain("page");
        }
    }

    [Theory]
    [InlineData("Content-Type: text/plain", "")]
    [InlineData("Content-Type: text/plain", "{}")]
    [InlineData("Content-Type: application/x-www-form-urlencoded", "")]
    [InlineData("Content-Type: multipart/form-data; boundary=x", "")]
    [InlineData("X: y", "{}")]
    [InlineData(Chromium, "")]
    [InlineData("Referer: http://evil.example/", "")]
    [InlineData("Cookie: a=b", "")]
    public async Task Should_want_JSON_of_whatever_may_be_a_page_even_without_a_body(string headers, string body)
    {
        var answer = await Send("POST /touches HTTP/1.1", $"Host: {{host}}\r\n{headers}\r\nContent-Length: {body.Length}", body);
        answer.Status.ShouldBe(415, answer.Text);
        answer.Json["errors"]!["Content-Type"]!.AsArray().ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("Content-Type: application/json", "")]
    [InlineData("Content-Type: application/json; charset=utf-8\r\n" + Chromium, "")]
    [InlineData("Content-Type: application/merge-patch+json", "{}")]
    [InlineData("X-Requested-With: a-script\r\n" + Chromium, "")]
    [InlineData("Idempotency-Key: 1\r\n" + Chromium, "")]
    [InlineData("Content-Type: text/plain\r\nX-Requested-With: a-script", "")]
    [InlineData("Origin: http://{host}\r\nSec-Fetch-Site: same-origin\r\n" + Chromium, "")]
    [InlineData("Origin: http://{host}\r\n" + Chromium, "")]
    [InlineData("Sec-Fetch-Site: same-origin\r\n" + Chromium, "")]
    // A program that is no browser: curl -X POST, HttpClient without content, fetch of Node.js.
    [InlineData("User-Agent: curl/8.5.0\r\nAccept: */*", "")]
    [InlineData("User-Agent: node\r\nAccept-Language: *\r\nSec-Fetch-Mode: cors", "")]
    [InlineData("Accept: */*", "")]
    public async Task Should_let_programs_and_its_own_page_in(string headers, string body)
    {
        var answer = await Send("POST /touches HTTP/1.1", $"Host: {{host}}\r\n{headers}\r\nContent-Length: {body.Length}", body);
        answer.Status.ShouldBe(200, answer.Text);
    }

    [Fact]
    public async Task Should_let_any_page_link_to_what_only_reads()
    {
        (await Send("GET /refunds HTTP/1.1", $"Host: {{host}}\r\nSec-Fetch-Site: cross-site\r\n{Chromium}")).Status.ShouldBe(200);
        (await Send("HEAD /refunds HTTP/1.1", "Host: {host}\r\nOrigin: http://evil.example")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("localhost:1", 200)]
    [InlineData("LOCALHOST", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("[::1]:5101", 200)]
    [InlineData("evil.example", 421)]
    [InlineData("evil.example:5101", 421)]
    [InlineData("localhost.evil.example", 421)]
    [InlineData("127.0.0.1.evil.example", 421)]
    [InlineData("10.0.0.1", 421)]
    public async Task Should_answer_to_its_own_names_only(string host, int status)
    {
        foreach (var target in new[] { "/refunds", "/health/live", "/swagger/index.html", "/openapi/v1.json" })
        {
            var answer = await Send($"GET {target} HTTP/1.1", $"Host: {host}");
            answer.Status.ShouldBe(status, $"{target} for {host}");
            if (status == 421) ((string)answer.Json["detail"]!).ShouldContain("Ese:Hosts");
        }
    }

    // An old load balancer asks for no host at all; a browser always does.
    [Fact]
    public async Task Should_answer_a_request_that_names_no_host() => (await Send("GET /health/live HTTP/1.0", "X: y")).Status.ShouldBe(200);

    [Fact]
    public async Task Should_answer_HEAD_wherever_GET_is_answered_and_without_a_body()
    {
        var document = await service.GetJson("/openapi/v1.json");
        var targets = document["paths"]!.AsObject().Where(path => path.Value!["get"] is not null).Select(path => path.Key)
            .Select(path => path.Replace("{returnId}", "RMA-1").Replace("{number}", "1"))
            .Concat(["/metrics", "/openapi/v1.json", "/swagger/index.html", "/refunds/unknown", "/refunds?limit=0", "/nowhere"]);
        foreach (var target in targets)
        {
            // A stream does not end by itself.
            var stream = target.EndsWith("/stream", StringComparison.Ordinal);
            var get = stream ? null : await Send($"GET {target} HTTP/1.1", "Host: localhost");
            var head = await Send($"HEAD {target} HTTP/1.1", "Host: localhost");
            head.Status.ShouldBe(get?.Status ?? 200, target);
            head.Body.ShouldBeEmpty(target);
            head.Header("Content-Type").ShouldBe(get is null ? "text/event-stream" : get.Header("Content-Type"), target);
        }

        (await Send("HEAD /touches HTTP/1.1", "Host: localhost")).Status.ShouldBe(405);
        (await Send("HEAD /logs/stream?after=x HTTP/1.1", "Host: localhost")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task Should_go_on_with_the_same_connection_after_HEAD()
    {
        const string Both = "HEAD /orders/7 HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /logs/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"
            + "GET /orders/7 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        var text = await Raw(Both);
        text.Split("HTTP/1.1 200").Length.ShouldBe(4, text);
        text.ShouldEndWith("\r\n7\r\n0\r\n\r\n", Case.Sensitive, text);
    }

    [Fact]
    public async Task Should_tell_a_proxy_not_to_keep_an_event_stream_back()
    {
        var head = await Send("HEAD /logs/stream HTTP/1.1", "Host: localhost");
        head.Header("X-Accel-Buffering").ShouldBe("no");
        using var stream = await service.Client.GetAsync("/logs/stream", HttpCompletionOption.ResponseHeadersRead);
        stream.Headers.GetValues("X-Accel-Buffering").ShouldBe(["no"]);
        (await service.Client.GetAsync("/refunds")).Headers.Contains("X-Accel-Buffering").ShouldBeFalse();
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n", 400)]
    [InlineData("GET /refunds HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /refunds/a%00b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400)]
    [InlineData("GET /refunds HTTP/1.1\r\nHost: localhost\r\nA b: c\r\n\r\n", 400)]
    [InlineData("GET /refunds HTTP/1.1\r\nHost: a b\r\n\r\n", 400)]
    [InlineData("GET /refunds HTTP/7.1\r\nHost: localhost\r\n\r\n", 505)]
    [InlineData("POST /refunds HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: -5\r\n\r\n", 400)]
    public async Task Should_answer_broken_HTTP_with_a_problem(string request, int status)
    {
        var answer = Answer.Of(await Raw(request));
        answer.Status.ShouldBe(status, answer.Text);
        answer.Header("Content-Type").ShouldBe("application/problem+json");
        answer.Header("Connection").ShouldBe("close");
        answer.Header("Content-Length").ShouldBe(Encoding.UTF8.GetByteCount(answer.Body).ToString());
        ((int)answer.Json["status"]!).ShouldBe(status);
        foreach (var member in new[] { "type", "title", "detail" }) ((string?)answer.Json[member]).ShouldNotBeNullOrEmpty(member);
    }

    [Fact]
    public async Task Should_answer_too_many_and_too_long_headers_with_a_problem()
    {
        var many = string.Concat(Enumerable.Range(0, 101).Select(number => $"X-{number}: y\r\n"));
        foreach (var (request, status) in new[]
        {
            ($"GET /refunds HTTP/1.1\r\nHost: localhost\r\n{many}\r\n", 431),
            ($"GET /refunds HTTP/1.1\r\nHost: localhost\r\nX: {new string('y', 33_000)}\r\n\r\n", 431),
            ($"GET /{new string('y', 33_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        })
        {
            var answer = Answer.Of(await Raw(request));
            answer.Status.ShouldBe(status);
            ((int)answer.Json["status"]!).ShouldBe(status);
        }
    }

    private async Task<Answer> Send(string line, string headers, string body = "") =>
        Answer.Of(await Raw($"{line}\r\n{headers.Replace("{host}", $"127.0.0.1:{Port}")}\r\nConnection: close\r\n\r\n{body}"));

    private async Task<string> Raw(string request)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, Port, deadline.Token);
        await connection.GetStream().WriteAsync(Encoding.UTF8.GetBytes(request), deadline.Token);
        using var reader = new StreamReader(connection.GetStream());
        var text = new StringBuilder();
        var buffer = new char[4096];
        try
        {
            for (int count; (count = await reader.ReadAsync(buffer, deadline.Token)) > 0;) text.Append(buffer, 0, count);
        }
        catch (IOException)
        {
            // It closes while we still send: what it said before is here.
        }

        return text.ToString();
    }

    private sealed record Answer(int Status, string Text)
    {
        public string Body => Text[(Text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

        public JsonObject Json => JsonNode.Parse(Body[Body.IndexOf('{')..(Body.LastIndexOf('}') + 1)])!.AsObject();

        public static Answer Of(string text) => new(int.Parse(text.Split(' ').ElementAtOrDefault(1) ?? "0"), text);

        public string? Header(string name) => Text.Split("\r\n\r\n")[0].Split("\r\n").Skip(1)
            .Where(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase)).Select(line => line[(name.Length + 2)..]).SingleOrDefault();
    }
}
