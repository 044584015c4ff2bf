using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace EseErp.ServiceDefaults.Tests;

/// <summary>The service below a path of a proxy: <c>location /sales/ { proxy_pass http://127.0.0.1:5102/; }</c>.</summary>
public sealed class ProxyTests
{
    private const string Good = """{"returnId":"RMA-1","orderId":"SO-1","reason":"Defective","amount":1.5}""";

    [Theory]
    [InlineData("127.0.0.1", "https://shop.example/sales")]
    [InlineData("10.0.0.0/8; 127.0.0.0/8", "https://shop.example/sales")]
    [InlineData("10.0.0.0/8", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public async Task Should_believe_a_proxy_that_is_trusted_and_no_other(string? trusted, string? address)
    {
        var service = await Start(trusted);
        try
        {
            using var file = Forwarded(HttpMethod.Post, "/refunds", "/sales");
            file.Content = new StringContent(Good, new MediaTypeHeaderValue("application/json"));
            var filed = await service.Client.SendAsync(file);
            filed.StatusCode.ShouldBe(HttpStatusCode.Created, await filed.Content.ReadAsStringAsync());
            filed.Headers.Location!.ToString().ShouldBe((address is null ? "" : "/sales") + "/refunds/RMA-1");

            using var read = Forwarded(HttpMethod.Get, "/openapi/v1.json", "/sales/");
            var document = JsonNode.Parse(await (await service.Client.SendAsync(read)).Content.ReadAsStringAsync())!;
            ((string)document["servers"]![0]!["url"]!).TrimEnd('/').ShouldBe(address ?? service.Client.BaseAddress!.ToString().TrimEnd('/'));
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task Should_take_its_own_page_behind_the_proxy_for_its_own_and_others_not()
    {
        var service = await Start("127.0.0.1");
        try
        {
            (await Touch("https://shop.example", "/sales")).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await Touch("http://shop.example", "/sales")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await Touch("https://evil.example", "/sales")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }
        finally
        {
            await service.DisposeAsync();
        }

        async Task<HttpResponseMessage> Touch(string origin, string prefix)
        {
            using var request = Forwarded(HttpMethod.Post, "/touches", prefix);
            request.Headers.Add("Origin", origin);
            return await service.Client.SendAsync(request);
        }
    }

    [Fact]
    public async Task Should_refuse_a_host_that_a_trusted_proxy_passes_on_and_nobody_configured()
    {
        var service = await Start("127.0.0.1");
        try
        {
            using var request = Forwarded(HttpMethod.Get, "/refunds", "/sales");
            request.Headers.Remove("X-Forwarded-Host");
            request.Headers.Add("X-Forwarded-Host", "evil.example");
            (await service.Client.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.MisdirectedRequest);
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task Should_not_send_a_client_to_another_host_for_a_prefix_that_a_proxy_passed_on()
    {
        var service = await Start("127.0.0.1");
        try
        {
            using var file = Forwarded(HttpMethod.Post, "/refunds", "//evil.example");
            file.Content = new StringContent(Good, new MediaTypeHeaderValue("application/json"));
            (await service.Client.SendAsync(file)).Headers.Location!.ToString().ShouldBe("/refunds/RMA-1");
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task Should_point_Swagger_to_the_document_beside_it()
    {
        var service = await Start(null);
        try
        {
            // Relative, so that it is right below any path.
            (await service.Client.GetStringAsync("/swagger/index.js")).ShouldContain("\"../openapi/v1.json\"");
            using var plain = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = service.Client.BaseAddress };
            (await plain.GetAsync("/swagger")).Headers.Location!.ToString().ShouldBe("swagger/index.html");
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("Ese:TrustedProxies", "everyone", "TrustedProxies")]
    [InlineData("Ese:TrustedProxies", "10.0.0.0/99", "TrustedProxies")]
    [InlineData("Ese:Hosts", " ; ", "Hosts")]
    public async Task Should_not_start_with_names_and_proxies_that_make_no_sense(string setting, string value, string named)
    {
        var service = new RunningService();
        service.Settings[setting] = value;
        var failure = await Should.ThrowAsync<Exception>(service.InitializeAsync);
        failure.Message.ShouldContain(named);
    }

    private static async Task<RunningService> Start(string? trusted)
    {
        var service = new RunningService();
        service.Settings["Ese:TrustedProxies"] = trusted;
        service.Settings["Ese:Hosts"] = "localhost;127.0.0.1;shop.example";
        await service.InitializeAsync();
        return service;
    }

    private static HttpRequestMessage Forwarded(HttpMethod method, string path, string prefix)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "shop.example");
        request.Headers.Add("X-Forwarded-Prefix", prefix);
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        return request;
    }
}
