using System.Globalization;
using System.Text.Json.Nodes;
using static EseErp.Registry.Tests.RunningRegistry;

namespace EseErp.Registry.Tests;

/// <summary>What a client of the registry sees.</summary>
public sealed class RegistryApiTests(RunningRegistry registry) : IClassFixture<RunningRegistry>
{
    [Fact]
    public async Task Should_create_change_delete_and_create_again()
    {
        var code = NewCode();
        var created = (await registry.Send("POST", "", Machine(code), user: "ada")).Expect(201);
        (created.ETag, created.Location).ShouldBe(("\"1\"", $"/registry/machines/{code}"));
        ((int)created.Body["schemaVersion"]!, (string?)created.Body["changedBy"]).ShouldBe((2, "ada"));
        (await registry.Send("POST", "", Machine(code))).Expect(409);

        var changed = (await registry.Send("PATCH", $"/{code}", """{"price":12.5}""", "\"1\"")).Expect(200);
        (changed.ETag, changed.Document, (string?)changed.Body["changedBy"]).ShouldBe(("\"2\"", $$"""{"code":"{{code}}","name":"Lathe","price":12.5}""", "anonymous"));

        (await registry.Send("DELETE", $"/{code}", ifMatch: "\"2\"")).Expect(200).Body["version"]!.GetValue<int>().ShouldBe(3);
        (await registry.Send("GET", $"/{code}")).Expect(404);
        (await registry.Send("DELETE", $"/{code}", ifMatch: "*")).Expect(404);
        (await registry.Send("GET", $"/{code}?version=2")).Expect(200).Document.ShouldBe(changed.Document);
        (await registry.Send("GET", $"/{code}?version=3")).Expect(404);

        (await registry.Send("POST", "", Machine(code, "Mill"))).Expect(201).ETag.ShouldBe("\"4\"");
        (await registry.Send("GET", $"/{code}?version=5")).Expect(404);
        var history = (await registry.Send("GET", $"/{code}/history")).Expect(200).Body["items"]!.AsArray();
        history.Select(version => (string?)version!["kind"]).ShouldBe(["Created", "Changed", "Deleted", "Created"]);
        history[1]!["changes"]!.ToJsonString().ShouldBe("""[{"path":"/price","after":12.5}]""");
        history[2]!["changes"]!.AsArray().Select(change => change!.ToJsonString())
            .ShouldBe([$$"""{"path":"/code","before":"{{code}}"}""", """{"path":"/name","before":"Lathe"}""", """{"path":"/price","before":12.5}"""]);
        history[3]!["changes"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Should_keep_a_null_that_is_meant_as_null()
    {
        var code = await Create();
        var document = $$"""{"code":"{{code}}","name":"Lathe","boughtOn":null,"size":{"width":4,"height":null},"tools":[{"name":"x","wear":null}]}""";
        (await registry.Send("PUT", $"/{code}", document, "\"1\"")).Expect(200).Document.ShouldBe(document);
        // Written as a difference, and read back through it.
        (await registry.Send("PATCH", $"/{code}", """{"price":1}""", "*")).Expect(200);
        (await registry.Send("GET", $"/{code}?version=2")).Expect(200).Document.ShouldBe(document);
        (await registry.Send("GET", $"/{code}/history?after=1&limit=1")).Expect(200).Body["items"]![0]!["changes"]!.ToJsonString()
            .ShouldBe("""[{"path":"/boughtOn","after":null},{"path":"/size","after":{"width":4,"height":null}},{"path":"/tools","after":[{"name":"x","wear":null}]}]""");

        // In a merge patch null removes.
        (await registry.Send("PATCH", $"/{code}", """{"boughtOn":null,"size":{"height":null}}""", "*")).Expect(200);
        var after = (await registry.Send("GET", $"/{code}")).Expect(200).Body["document"]!.AsObject();
        after.ContainsKey("boughtOn").ShouldBeFalse();
        after["size"]!.ToJsonString().ShouldBe("""{"width":4}""");
    }

    [Fact]
    public async Task Should_make_no_version_when_nothing_changes()
    {
        var code = await Create();
        (await registry.Send("PATCH", $"/{code}", """{"name":"Lathe","price":null}""", "\"1\"")).Expect(200).ETag.ShouldBe("\"1\"");
        (await registry.Send("PUT", $"/{code}", Machine(code), "\"1\"")).Expect(200).ETag.ShouldBe("\"1\"");
        (await registry.Send("PATCH", $"/{code}", "{}", "*")).Expect(200).ETag.ShouldBe("\"1\"");
        (await registry.Send("GET", $"/{code}/history")).Body["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Should_change_only_what_the_client_has_seen()
    {
        var code = await Create();
        foreach (var (method, body) in new[] { ("PUT", Machine(code, "Mill")), ("PATCH", """{"name":"Mill"}"""), ("DELETE", null) })
        {
            (await registry.Send(method, $"/{code}", body)).Expect(428).Fault("If-Match").ShouldBe("is required");
            var refused = (await registry.Send(method, $"/{code}", body, "\"2\"")).Expect(412);
            refused.ETag.ShouldBe("\"1\"");
            (await registry.Send(method, $"/{code}", body, "W/\"1\"")).Expect(412);
            (await registry.Send(method, $"/{code}", body, "1")).Expect(400).Fault("If-Match");
            (await registry.Send(method, $"/{NewCode()}", body, "*")).Expect(404);
        }

        (await registry.Send("PATCH", $"/{code}", """{"name":"Mill"}""", "\"7\", \"1\"")).Expect(200).ETag.ShouldBe("\"2\"");
    }

    [Fact]
    public async Task Should_refuse_what_is_no_such_document()
    {
        var code = await Create();
        (await registry.Send("POST", "", """{"code":"M-9"}""")).Expect(422).Fault("name").ShouldBe("is required");
        (await registry.Send("POST", "", """{"code":"M-9","name":"M-9"}""")).Expect(422).Fault("name").ShouldBe("must not be the code");
        (await registry.Send("POST", "", """{"code":"schema","name":"x"}""")).Expect(422).Fault("code");
        (await registry.Send("POST", "", """{"code":"M-9",""")).Expect(400).Fault("body");
        (await registry.Send("PUT", $"/{code}", Machine("M-8"), "*")).Expect(422).Fault("code").ShouldBe($"must be {code}: it is the id");
        (await registry.Send("PATCH", $"/{code}", """{"code":"M-8"}""", "*")).Expect(422).Fault("code");
        (await registry.Send("PATCH", $"/{code}", """{"name":null}""", "*")).Expect(422).Fault("name").ShouldBe("is required");
        (await registry.Send("PATCH", $"/{code}", """{"size":{"height":2}}""", "*")).Expect(422).Fault("size.width").ShouldBe("is required");
        var large = string.Concat(Enumerable.Repeat("𐍈", 100));
        (await registry.Send("PATCH", $"/{code}", $$"""{"name":"{{large}}","tools":[{"name":"{{large[..40]}}"},{"name":"{{large[..40]}}"}]}""", "*")).Expect(422).Fault("body")
            .ShouldBe("must not be longer than 500 bytes");
        (await registry.Send("PUT", $"/{code}", Machine(code).Insert(1, new string(' ', 1500)), "*")).Expect(200);
        (await registry.Send("POST", "", "{" + string.Concat(Enumerable.Repeat("\"a\":[", 100)), user: null)).Expect(400).Fault("body");
        (await registry.Send("POST", "", Machine("M-9"), user: new string('u', 101))).Expect(400).Fault("X-User");
        (await registry.Send("GET", $"/{code}/history")).Body["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Should_read_as_of_a_time()
    {
        var code = await Create();
        var first = registry.Clock.GetUtcNow();
        var second = registry.Clock.Move(TimeSpan.FromHours(1));
        (await registry.Send("PATCH", $"/{code}", """{"price":2}""", "*")).Expect(200);
        registry.Clock.Move(TimeSpan.FromHours(1));
        (await registry.Send("DELETE", $"/{code}", ifMatch: "*")).Expect(200);

        (await AsOf(first.AddSeconds(-1))).Expect(404);
        (await AsOf(first)).Expect(200).ETag.ShouldBe("\"1\"");
        (await AsOf(second.AddSeconds(-1))).Expect(200).ETag.ShouldBe("\"1\"");
        (await AsOf(second)).Expect(200).ETag.ShouldBe("\"2\"");
        (await AsOf(registry.Clock.GetUtcNow())).Expect(404);
        (await registry.Send("GET", $"/{code}?version=1&asOf=2026-11-20")).Expect(400).Fault("asOf");

        Task<Answer> AsOf(DateTimeOffset time) =>
            registry.Send("GET", $"/{code}?asOf={Uri.EscapeDataString(time.ToString("O", CultureInfo.InvariantCulture))}");
    }

    [Fact]
    public async Task Should_go_forward_in_time_even_when_a_clock_goes_back()
    {
        var code = await Create();
        var before = registry.Clock.GetUtcNow();
        registry.Clock.Move(TimeSpan.FromSeconds(-30));
        var changed = (await registry.Send("PATCH", $"/{code}", """{"price":2}""", "*")).Expect(200);
        changed.Body["changedAt"]!.GetValue<DateTimeOffset>().ShouldBe(before);
        registry.Clock.Move(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Should_answer_a_retry_as_the_first_request()
    {
        var (code, key) = (NewCode(), Guid.NewGuid().ToString());
        var first = (await registry.Send("POST", "", Machine(code), key: key)).Expect(201);
        var again = (await registry.Send("POST", "", Machine(code).Replace(":", " : "), key: key)).Expect(201);
        (again.Location, again.Body.ToJsonString()).ShouldBe((first.Location, first.Body.ToJsonString()));
        (await registry.Send("POST", "", Machine(code, "Mill"), key: key)).Expect(422).Fault("Idempotency-Key");
    }

    [Fact]
    public async Task Should_list_page_by_page_what_is_there()
    {
        var codes = new List<string>();
        for (var number = 0; number < 5; number++) codes.Add(await Create());
        (await registry.Send("DELETE", $"/{codes[2]}", ifMatch: "*")).Expect(200);
        var listed = new List<string>();
        string? next = null;
        do
        {
            var page = (await registry.Send("GET", $"?limit=2{(next is null ? "" : $"&after={next}")}")).Expect(200).Body;
            listed.AddRange(page["items"]!.AsArray().Select(item => (string)item!["id"]!));
            next = (string?)page["next"];
        }
        while (next is not null);
        listed.ShouldBe(listed.Order(StringComparer.Ordinal));
        listed.ShouldBeUnique();
        listed.Intersect(codes).ShouldBe(codes.Where(code => code != codes[2]), ignoreOrder: true);
    }

    [Fact]
    public async Task Should_page_through_a_history()
    {
        var code = await Create();
        for (var price = 1; price <= 12; price++) (await registry.Send("PATCH", $"/{code}", $$"""{"price":{{price}}}""", "*", user: $"user {price}")).Expect(200);
        var versions = new List<JsonNode>();
        string? next = "0";
        while (next is not null)
        {
            var page = (await registry.Send("GET", $"/{code}/history?limit=5&after={next}")).Expect(200).Body;
            versions.AddRange(page["items"]!.AsArray().Select(item => item!.DeepClone()));
            next = (string?)page["next"];
        }

        versions.Select(version => (int)version["version"]!).ShouldBe(Enumerable.Range(1, 13));
        versions[7]["changes"]!.ToJsonString().ShouldBe("""[{"path":"/price","before":6,"after":7}]""");
        ((string?)versions[7]["changedBy"]).ShouldBe("user 7");
        (await registry.Send("GET", $"/{NewCode()}/history")).Expect(404);
        (await registry.Send("GET", $"/{code}/history?after=x")).Expect(400).Fault("after");
    }

    [Fact]
    public async Task Should_show_the_schema_in_every_version()
    {
        (await registry.Send("GET", "/schema")).Expect(200).Body["title"]!.GetValue<string>().ShouldBe("A machine");
        (await registry.Send("GET", "/schema?version=1")).Expect(200).Body["properties"]!.AsObject().Count.ShouldBe(2);
        (await registry.Send("GET", "/schema?version=3")).Expect(404);
    }

    [Fact]
    public async Task Should_show_in_Swagger_what_is_checked()
    {
        var paths = JsonNode.Parse(await registry.Client.GetStringAsync("/openapi/v1.json"))!["paths"]!;
        var post = paths["/registry/machines"]!["post"]!["requestBody"]!["content"]!["application/json"]!;
        post["schema"]!["required"]!.ToJsonString().ShouldBe("""["code","name"]""");
        post["schema"]!["properties"]!["tools"]!["items"]!["properties"]!["name"]!["maxLength"]!.GetValue<int>().ShouldBe(20);
        post["example"]!["name"]!.GetValue<string>().ShouldBe("An example");
        var patch = paths["/registry/machines/{id}"]!["patch"]!["requestBody"]!["content"]!["application/merge-patch+json"]!["schema"]!;
        patch["required"].ShouldBeNull();
        (await registry.Client.PatchAsync("/registry/machines/M-0", new StringContent("{}", System.Text.Encoding.UTF8, "application/json"))).StatusCode
            .ShouldBe(System.Net.HttpStatusCode.UnsupportedMediaType);
    }

    private async Task<string> Create()
    {
        var code = NewCode();
        (await registry.Send("POST", "", Machine(code))).Expect(201);
        return code;
    }

    private static string Machine(string code, string name = "Lathe") => $$"""{"code":"{{code}}","name":"{{name}}"}""";
}
