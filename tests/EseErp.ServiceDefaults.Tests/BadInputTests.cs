using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace EseErp.ServiceDefaults.Tests;

public sealed class BadInputTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Good = """{"returnId":"RMA-1","orderId":"SO-1","reason":"Defective","amount":1.5}""";

    /// <summary>Path, body, status, then the fields with a part of the reason.</summary>
    public static TheoryData<string, string, int, string[]> Bodies => new()
    {
        { "/refunds", "", 400, ["body: is required"] },
        { "/refunds", "   ", 400, ["body: is required"] },
        { "/refunds", "null", 400, ["body: must be a JSON object"] },
        { "/refunds", "[]", 400, ["body: must be a JSON object"] },
        { "/refunds", "42", 400, ["body: must be a JSON object"] },
        { "/refunds", "\"text\"", 400, ["body: must be a JSON object"] },
        { "/refunds", "{", 400, ["body: is not valid JSON (line 1, position"] },
        { "/refunds", "{'a':1}", 400, ["body: is not valid JSON"] },
        { "/refunds", Good + "x", 400, ["body: is not valid JSON"] },
        { "/refunds", Good.Replace("1.5}", "1.5,}"), 400, ["body: is not valid JSON"] },
        { "/refunds", "{}", 400, ["returnId: is required", "orderId: is required", "reason: is required", "amount: is required"] },
        { "/refunds", """{"returnId":"RMA-1","reason":"Defective","amount":1}""", 400, ["orderId: is required"] },
        { "/refunds", Good.Replace("\"RMA-1\"", "null"), 400, ["returnId: must not be null"] },
        { "/refunds", Good.Replace("\"RMA-1\"", "5"), 400, ["returnId: must be text"] },
        { "/refunds", Good.Replace("\"RMA-1\"", "{\"a\":1}"), 400, ["returnId: must be text"] },
        { "/refunds", Good.Replace("\"RMA-1\"", "\"  \""), 400, ["returnId: is required"] },
        { "/refunds", Good.Replace("\"RMA-1\"", "\" RMA-1\""), 400, ["returnId: must not start or end with white space"] },
        { "/refunds", Good.Replace("RMA-1", "a\\u0000b"), 400, ["returnId: must not contain control characters"] },
        { "/refunds", Good.Replace("RMA-1", "a\\bb"), 400, ["returnId: must not contain control characters"] },
        { "/refunds", Good.Replace("RMA-1", "\\ud800"), 400, ["returnId: must be text"] },
        { "/refunds", Good.Replace("RMA-1", new string('x', 41)), 400, ["returnId: must be at most 40 characters long"] },
        { "/refunds", Good.Replace("1.5", "\"1.5\""), 400, ["amount: must be a number"] },
        { "/refunds", Good.Replace("1.5", "1e400"), 400, ["amount: must be a number"] },
        { "/refunds", Good.Replace("1.5", "-1"), 400, ["amount: must be from 0 to 100000000"] },
        { "/refunds", Good.Replace("1.5", "1e20"), 400, ["amount: must be from 0 to 100000000"] },
        { "/refunds", Good.Replace("Defective", "Broken"), 400, ["reason: must be one of: Defective, WrongItem"] },
        { "/refunds", Good.Replace("\"Defective\"", "1"), 400, ["reason: must be one of: Defective, WrongItem"] },
        { "/refunds", Good.Replace("Defective", "1"), 400, ["reason: must be one of: Defective, WrongItem"] },
        { "/refunds", Good.Replace("Defective", "Defective, WrongItem"), 400, ["reason: must be one of"] },
        { "/refunds", Good.Replace("1.5", "1.5,\"mode\":\"both\""), 400, ["mode: must be one of: event, traditional"] },
        { "/refunds", Good.Replace("1.5", "1.5,\"currency\":\"EURO\""), 400, ["currency: must be 3 characters long"] },
        { "/refunds", Good.Replace("1.5", "1.5,\"colour\":\"red\""), 400, ["colour: is not a known field"] },
        { "/refunds", Good.Replace("returnId", "ReturnId"), 400, ["ReturnId: is not a known field; write returnId", "returnId: is required"] },
        { "/refunds", Good.Replace("1.5", "1.5,\"amount\":2"), 400, ["amount: is given more than once"] },
        { "/refunds", string.Concat(Enumerable.Repeat("[", 5000)), 400, ["body: "] },
        { "/refunds", Good.Replace("1.5", "1.5,\"x\":" + string.Concat(Enumerable.Repeat("[", 40)) + string.Concat(Enumerable.Repeat("]", 40))), 400, ["body: must not be nested deeper"] },
        { "/disassemblies", """{"parts":"none","labourMinutes":1}""", 400, ["parts: must be a JSON array"] },
        { "/disassemblies", """{"parts":[null],"labourMinutes":1}""", 400, ["parts[0]: must not be null"] },
        { "/disassemblies", """{"parts":[{"partSku":"","quality":"Defective","quantity":0}],"labourMinutes":1}""", 400, ["parts[0].partSku: is required", "parts[0].quantity: must be from 1 to 1000"] },
        { "/disassemblies", """{"parts":[{"partSku":"A","quality":"Defective"},{"quality":"x","extra":1}],"labourMinutes":1.5}""", 400, ["parts[1].partSku: is required", "parts[1].quality: must be one of", "parts[1].extra: is not a known field", "labourMinutes: must be a whole number"] },
        { "/disassemblies", """{"parts":[],"labourMinutes":99999999999}""", 400, ["labourMinutes: must be a whole number"] },
        { "/disassemblies", """{"parts":[],"labourMinutes":-1,"faultCode":"a b"}""", 400, ["labourMinutes: must be from 0 to 1440", "faultCode: must match"] },
        { "/disassemblies", """{"parts":[{"partSku":"A","quality":"Defective"},{"partSku":"B","quality":"Defective"},{"partSku":"C","quality":"Defective"},{"partSku":"D","quality":"Defective"}],"labourMinutes":1}""", 400, ["parts: must have 0 to 3 items"] },
        { "/disassemblies", """{"parts":[],"labourMinutes":1,"notes":{"deep":[{"a":"\u0000"}]}}""".Replace("\0", "\\u0000"), 400, ["notes.deep[0].a: must not contain control characters"] },
        { "/disassemblies", """{"parts":[],"labourMinutes":1,"notes":{"k\u0001":1}}""", 400, ["notes.k\uFFFD: must not contain control characters"] },
        { "/disassemblies/batch", """[{"partSku":"A","quality":"Defective"},{"partSku":"","quality":"Defective"}]""", 400, ["[1].partSku: is required"] },
        { "/disassemblies/batch", "{}", 400, ["body: must be a JSON array"] },
        { "/refunds", Good, 201, [] },
        { "/disassemblies", """{"parts":[{"partSku":"A","quality":"Defective"}],"labourMinutes":1,"notes":{"text":"a\nb"}}""", 200, [] },
    };

    public static TheoryData<string, int, string[]> Queries => new()
    {
        { "/refunds?limit=abc", 400, ["limit: must be a whole number"] },
        { "/refunds?limit=99999999999", 400, ["limit: must be a whole number"] },
        { "/refunds?limit=0", 400, ["limit: must be from 1 to 500"] },
        { "/refunds?limit=501", 400, ["limit: must be from 1 to 500"] },
        { "/refunds?limit=-1", 400, ["limit: must be from 1 to 500"] },
        { "/refunds?limit=1&limit=2", 400, ["limit: is given more than once"] },
        { "/refunds?limit=1.5", 400, ["limit: must be a whole number"] },
        { "/refunds?year=x", 400, ["year: must be a whole number"] },
        { "/refunds?open=maybe", 400, ["open: must be true or false"] },
        { "/refunds?reason=Broken", 400, ["reason: must be one of: Defective, WrongItem"] },
        { "/refunds?reason=1", 400, ["reason: must be one of: Defective, WrongItem"] },
        { "/refunds?reason=77", 400, ["reason: must be one of: Defective, WrongItem"] },
        { "/refunds?after=a%00b", 400, ["after: must not contain control characters"] },
        { "/refunds?after=a%0Ab", 400, ["after: must not contain control characters"] },
        { "/refunds?a%01=b", 400, ["query: must not contain control characters"] },
        { "/refunds?after=" + new string('x', 201), 400, ["after: must be at most 200 characters long"] },
        { "/refunds?after=" + new string('x', 9000), 414, ["path: must not be longer"] },
        { "/refunds/a%01b", 400, ["returnId: must not contain control characters"] },
        { "/refunds/a%0Ab", 400, ["returnId: must not contain control characters"] },
        { "/refunds/" + new string('x', 201), 400, ["returnId: must not be longer than 200"] },
        { "/nowhere/a%7Fb", 400, ["path: must not contain control characters"] },
        { "/refunds/unknown", 404, [] },
        { "/refunds/conflict", 409, [] },
        { "/unprocessable", 422, ["sku: is not on the order"] },
        { "/incomplete", 502, [] },
        { "/nowhere", 404, [] },
        { "/orders/abc", 404, [] },
        { "/log", 400, ["text: is required"] },
        { "/logs?after=x", 400, ["after: is not a cursor"] },
        { "/logs/stream?after=-1", 400, ["after: is not a cursor"] },
        { "/fails", 500, [] },
        { "/away", 503, [] },
        { "/refunds", 200, [] },
        { "/refunds?limit=", 400, ["limit: must be a whole number"] },
        { "/refunds?reason=", 400, ["reason: must be one of"] },
        { "/refunds?reason=defective&limit=500", 200, [] },
        { "/refunds/%ff", 200, [] },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Should_name_every_bad_field_of_a_body(string path, string body, int status, string[] errors) =>
        await Check(await service.Client.PostAsync(path, Json(body)), status, errors);

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Should_name_a_bad_parameter(string path, int status, string[] errors) =>
        await Check(await service.Client.GetAsync(path), status, errors);

    [Theory]
    [InlineData("{\"\\ud800\":1}", 0)]
    [InlineData("{\"a?\":1}", '?')]
    [InlineData("{\"returnId\":\"a?\"}", '?')]
    [InlineData("{?}", '?')]
    public async Task Should_refuse_what_is_not_unicode(string body, char broken)
    {
        var bytes = Encoding.ASCII.GetBytes(body).Select(value => value == broken ? (byte)0xff : value).ToArray();
        var content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        (await service.Client.PostAsync("/refunds", content)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("application/xml", 415)]
    [InlineData("application/x-www-form-urlencoded", 415)]
    [InlineData("application/json; charset=utf-16", 415)]
    [InlineData("nonsense", 415)]
    [InlineData(null, 415)]
    [InlineData("application/json; charset=UTF-8", 201)]
    [InlineData("application/problem+json", 201)]
    public async Task Should_take_json_only(string? contentType, int status)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Good));
        if (contentType is not null) content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        await Check(await service.Client.PostAsync("/refunds", content), status, status == 415 ? ["Content-Type: must"] : []);
    }

    [Theory]
    [InlineData(1024 * 1024 + 1, false)]
    [InlineData(1024 * 1024 + 1, true)]
    [InlineData(20 * 1024 * 1024, false)]
    [InlineData(20 * 1024 * 1024, true)]
    public async Task Should_refuse_a_body_over_the_limit(int length, bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/refunds") { Content = Json(new string(' ', length)) };
        request.Headers.TransferEncodingChunked = chunked;
        await Check(await service.Client.SendAsync(request), 413, ["body: must not be longer than 1048576 bytes"]);
    }

    [Fact]
    public async Task Should_accept_a_body_up_to_the_limit()
    {
        var body = Good + new string(' ', 1024 * 1024 - Good.Length);
        await Check(await service.Client.PostAsync("/refunds", Json(body)), 201, []);
    }

    [Fact]
    public async Task Should_refuse_a_wrong_method_and_say_which_is_right()
    {
        var response = await service.Client.DeleteAsync("/refunds");
        response.Content.Headers.Allow.ShouldBe(["GET", "POST"], ignoreOrder: true);
        await Check(response, 405, []);
    }

    [Theory]
    [InlineData("Accept", "text/html")]
    [InlineData("Accept", "nonsense/;;")]
    [InlineData("X-Correlation-Id", "a b")]
    [InlineData("traceparent", "garbage")]
    public async Task Should_answer_with_a_problem_whatever_the_headers(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/refunds") { Content = Json(Good.Replace("RMA-1", "")) };
        request.Headers.TryAddWithoutValidation(header, value);
        var response = await service.Client.SendAsync(request);
        await Check(response, 400, ["returnId: is required"]);
    }

    /// <summary>What Kestrel itself refuses is a 4xx and ends there.</summary>
    [Theory]
    [InlineData("GET /refunds/a%00b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400)]
    [InlineData("GET /refunds HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /refunds HTTP/1.1\r\nHost: localhost\r\nA b: c\r\n\r\n", 400)]
    [InlineData("GET /refunds HTTP/1.1\r\nHost: localhost\r\nAccept-Language: \u00e4\r\n\r\n", 200)]
    [InlineData("nonsense\r\n\r\n", 400)]
    [InlineData("POST /refunds HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: -5\r\n\r\n", 400)]
    [InlineData("POST /refunds HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400)]
    [InlineData("PATCH /refunds HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405)]
    public async Task Should_survive_a_broken_request(string request, int status)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(service.Client.BaseAddress!.Host, service.Client.BaseAddress.Port);
        await connection.GetStream().WriteAsync(Encoding.UTF8.GetBytes(request));
        using var reader = new StreamReader(connection.GetStream());
        (await reader.ReadLineAsync())!.ShouldStartWith("HTTP/1.1 " + status);
    }

    [Fact]
    public async Task Should_not_tell_a_client_what_failed_inside_and_log_it_once()
    {
        using var own = new HttpRequestMessage(HttpMethod.Get, "/fails");
        own.Headers.Add("X-Correlation-Id", "failing-once");
        var text = await (await service.Client.SendAsync(own)).Content.ReadAsStringAsync();
        text.ShouldNotContain("Cannot reach");
        text.ShouldNotContain("SampleService");

        var lines = await Eventually.Within(TimeSpan.FromSeconds(10), () =>
            service.LogFileLines().Where(line => (string?)line["correlationId"] == "failing-once").ToArray() is { Length: > 0 } found ? found : null);
        var line = lines.ShouldHaveSingleItem();
        ((string)line["level"]!).ShouldBe("Error");
        ((string)line["exception"]!).ShouldContain("Cannot reach");
        ((string)line["exception"]!).ShouldNotContain("hunter2");
        ((string)line["traceId"]!).ShouldBe((string)JsonNode.Parse(text)!["traceId"]!);
    }

    private static StringContent Json(string body) => new(body, new MediaTypeHeaderValue("application/json"));

    private static async Task Check(HttpResponseMessage response, int status, string[] errors)
    {
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        response.Headers.Contains("Server").ShouldBeFalse();
        response.Headers.GetValues("X-Correlation-Id").ShouldHaveSingleItem();
        if (status < 400) return;

        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = JsonNode.Parse(text)!.AsObject();
        foreach (var member in new[] { "type", "title", "detail", "instance", "traceId" })
            ((string?)problem[member]).ShouldNotBeNullOrEmpty(member + " in " + text);
        ((int)problem["status"]!).ShouldBe(status);
        var told = (problem["errors"]?.AsObject() ?? []).SelectMany(field => field.Value!.AsArray().Select(reason => $"{field.Key}: {reason}")).ToArray();
        foreach (var error in errors) told.ShouldContain(reason => reason.StartsWith(error), text);
        told.Length.ShouldBe(errors.Length, text);
    }
}
