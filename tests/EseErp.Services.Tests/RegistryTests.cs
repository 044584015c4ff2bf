using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using EseErp.Services.Tests.Running;

namespace EseErp.Services.Tests;

/// <summary>The teams' reference data: what is changed in a registry is what the team works with from then on.</summary>
[Collection(SystemCollection.Name)]
public sealed class RegistryTests(RunningSystem system)
{
    [Fact]
    public async Task Should_value_by_a_changed_landed_cost()
    {
        var sku = NewId("ESE");
        await Create("accounting", "landed-costs", $$"""{"sku":"{{sku}}","landedCost":41.5,"currency":"EUR"}""");
        ((decimal)(await system.Get("accounting", $"/costs/{sku}"))["landedCost"]!).ShouldBe(41.5m);

        using var changed = await Send("accounting", "PATCH", $"/registry/landed-costs/{sku}", """{"landedCost":43.2}""", "\"1\"");
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        ((decimal)(await system.Get("accounting", $"/costs/{sku}"))["landedCost"]!).ShouldBe(43.2m);

        using var deleted = await Send("accounting", "DELETE", $"/registry/landed-costs/{sku}", null, "\"2\"");
        deleted.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await system.Client("accounting").GetAsync($"/costs/{sku}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        ((decimal)(await system.Get("accounting", $"/registry/landed-costs/{sku}?version=1"))["document"]!["landedCost"]!).ShouldBe(41.5m);
    }

    [Fact]
    public async Task Should_take_apart_by_a_changed_bill_of_materials()
    {
        var sku = NewId("ESE");
        const string part = """{"partSku":"SPK-40MM","name":"Speaker","quantity":2,"unitCost":1.9}""";
        await Create("manufacturing", "products", $$"""{"sku":"{{sku}}","name":"Radio","parts":[{{part}}],"faultCodes":["NO_SOUND"]}""");
        using var changed = await Send("manufacturing", "PATCH", $"/registry/products/{sku}", $$"""{"parts":[{{part.Replace(":2", ":3")}}]}""", "*");
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        ((int)(await system.Get("manufacturing", $"/bills-of-materials/{sku}"))["parts"]![0]!["quantity"]!).ShouldBe(3);
        (await system.Get("manufacturing", $"/registry/products/{sku}/history?after=1"))["items"]![0]!["changes"]!.ToJsonString()
            .ShouldBe("""[{"path":"/parts/0/quantity","before":2,"after":3}]""");

        using var twice = await Send("manufacturing", "PATCH", $"/registry/products/{sku}", $$"""{"parts":[{{part}},{{part}}]}""", "*");
        twice.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await twice.Content.ReadFromJsonAsync<JsonNode>())!["errors"]!["parts[1].partSku"].ShouldNotBeNull();
    }

    [Theory]
    [InlineData("sales", "customers", 200)]
    [InlineData("inventory", "locations", 7)]
    [InlineData("manufacturing", "products", 40)]
    [InlineData("accounting", "landed-costs", 40)]
    public async Task Should_begin_the_history_of_demo_data_with_version_1(string team, string type, int count)
    {
        var seeded = (await system.Get(team, $"/registry/{type}?limit=500"))["items"]!.AsArray().Where(entity => (string?)entity!["changedBy"] == "demo-data").ToList();
        seeded.Count.ShouldBe(count);
        var history = await system.Get(team, $"/registry/{type}/{(string?)seeded[^1]!["id"]}/history");
        ((string?)history["items"]!.AsArray().ShouldHaveSingleItem()!["kind"]).ShouldBe("created", StringCompareShould.IgnoreCase);
        // Seeding again adds nothing.
        (await system.Client(team).PostAsJsonAsync("/demo-data", new { orders = 1000 })).EnsureSuccessStatusCode();
        ((int)(await system.Get(team, $"/registry/{type}/{(string?)seeded[0]!["id"]}"))["version"]!).ShouldBe(1);
    }

    [Theory]
    [InlineData("sales", "customers", "customerId")]
    [InlineData("inventory", "locations", "code")]
    [InlineData("manufacturing", "products", "sku")]
    [InlineData("accounting", "landed-costs", "sku")]
    public async Task Should_refuse_an_id_with_a_line_feed_at_its_end(string team, string type, string idField)
    {
        var document = (await system.Get(team, $"/registry/{type}?limit=1"))["items"]![0]!["document"]!.DeepClone();
        document[idField] = $"{NewId("X")}\n";

        using var answer = await Send(team, "POST", $"/registry/{type}", document.ToJsonString(), null);

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await answer.Content.ReadFromJsonAsync<JsonNode>())!["errors"]![idField].ShouldNotBeNull();
    }

    private async Task Create(string team, string type, string document)
    {
        using var created = await Send(team, "POST", $"/registry/{type}", document, null);
        created.StatusCode.ShouldBe(HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
    }

    private async Task<HttpResponseMessage> Send(string team, string method, string address, string? body, string? ifMatch)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, method == "PATCH" ? "application/merge-patch+json" : "application/json");
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await system.Client(team).SendAsync(request);
    }

    private static string NewId(string prefix) => $"{prefix}-{Guid.NewGuid():N}".ToUpperInvariant()[..20];
}
