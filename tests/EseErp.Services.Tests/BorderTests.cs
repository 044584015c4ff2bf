using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using EseErp.Services.Tests.Running;

namespace EseErp.Services.Tests;

/// <summary>The border of every service, at every operation that its document lists.</summary>
[Collection(SystemCollection.Name)]
public sealed class BorderTests(RunningSystem system)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Teams => RunningSystem.Teams;

    [Theory]
    [MemberData(nameof(Teams))]
    public async Task Should_do_nothing_that_a_page_from_elsewhere_asks_for(string team)
    {
        var before = await system.Ledger.Quiet();
        var changes = system.Operations(team).Where(operation => operation.Method != "GET").ToList();
        changes.ShouldNotBeEmpty();
        foreach (var operation in changes)
        {
            // As Chromium sends it: fetch with mode 'no-cors', with and without a body, and a form.
            foreach (var (body, type) in new (string?, string?)[] { (null, null), ("{}", "text/plain"), ("a=b", "application/x-www-form-urlencoded") })
                (await Send(operation.Method, operation.Address(), body, type, ("Origin", "http://evil.example"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")))
                    .ShouldBe(403, $"{operation} {type}");
            // A browser that said neither would still send the type.
            (await Send(operation.Method, operation.Address(), null, "text/plain")).ShouldBe(415, $"{operation}");
        }

        Ledger.Changes(before, await system.Ledger.Quiet()).ShouldBeEmpty();

        async Task<int> Send(string method, string address, string? body, string? type, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), address);
            if (type is not null) request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body ?? ""));
            request.Content?.Headers.TryAddWithoutValidation("Content-Type", type);
            foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
            using var answer = await system.Client(team).SendAsync(request);
            return (int)answer.StatusCode;
        }
    }

    [Theory]
    [MemberData(nameof(Teams))]
    public async Task Should_answer_HEAD_wherever_GET_is_answered(string team)
    {
        foreach (var operation in system.Operations(team).Where(operation => operation.Method == "GET"))
        {
            using var limit = new CancellationTokenSource(Limit);
            using var get = await system.Client(team).SendAsync(operation.Request(), HttpCompletionOption.ResponseHeadersRead, limit.Token);
            using var asked = operation.Request();
            asked.Method = HttpMethod.Head;
            // Streams, too, are answered to the end.
            using var head = await system.Client(team).SendAsync(asked, limit.Token);
            head.StatusCode.ShouldBe(get.StatusCode, $"{operation}");
            head.Content.Headers.ContentType.ShouldBe(get.Content.Headers.ContentType, $"{operation}");
            (await head.Content.ReadAsByteArrayAsync(limit.Token)).ShouldBeEmpty($"{operation}");
            if (operation.IsStream && head.IsSuccessStatusCode) head.Headers.GetValues("X-Accel-Buffering").ShouldBe(["no"], $"{operation}");
        }
    }

    [Fact]
    public void Should_start_where_inotify_instances_are_used_up()
    {
        if (!OperatingSystem.IsLinux()) return;
        foreach (var service in system.ProcessIds)
            Directory.EnumerateFiles($"/proc/{service}/fd").Select(entry => new FileInfo(entry).LinkTarget).ShouldNotContain("anon_inode:inotify");
    }

    [Fact]
    public async Task Should_link_below_the_path_of_a_trusted_proxy()
    {
        var filing = system.Document("user-support").Operation("POST", "/returns");
        using var file = Forwarded(filing.Request(), "/user-support");
        file.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var filed = await system.Client("user-support").SendAsync(file);
        filed.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var answer = (await filed.Content.ReadFromJsonAsync<JsonNode>())!;
        var address = $"/user-support/returns/{answer["returnId"]}";
        filed.Headers.Location!.ToString().ShouldBe(address);
        ((string)answer["links"]!["self"]!).ShouldBe(address);

        using var replenish = Forwarded(system.Document("sales").Operation("POST", "/valuations").Request(), "/sales");
        using var opened = await system.Client("sales").SendAsync(replenish);
        opened.Headers.Location!.ToString().ShouldStartWith("/sales/valuations/");
        await system.Ledger.Quiet();
    }

    private static HttpRequestMessage Forwarded(HttpRequestMessage request, string prefix)
    {
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "shop.example");
        request.Headers.Add("X-Forwarded-Prefix", prefix);
        return request;
    }
}
