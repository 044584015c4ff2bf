using System.Net;
using EseErp.UserSupport.Returns;
using EseErp.UserSupport.Traditional;
using Microsoft.Extensions.Options;

namespace EseErp.Teams.Tests;

/// <summary>A team that has just started is no team that fails.</summary>
public sealed class ColdTeamTests
{
    private const int ManyCalls = 60;

    [Fact]
    public async Task Should_open_no_breaker_on_a_team_that_warms_up()
    {
        var team = new FailingTeam { Health = """{"status":"Unhealthy","checks":[{"name":"service","status":"Healthy"},{"name":"warm","status":"Unhealthy","description":"warming up"}]}""" };
        var client = team.Client();
        (await client.IsReady("sales", CancellationToken.None)).ShouldBeFalse();

        await Call(client, ManyCalls);

        team.Calls.ShouldBe(ManyCalls);
        team.Works = true;
        (await client.Call(Question, "key", "correlation", null, CancellationToken.None)).Outcome.ShouldBe(StepOutcome.Done);
    }

    [Theory]
    [InlineData("""{"status":"Unhealthy","checks":[{"name":"warm","status":"Healthy"},{"name":"database","status":"Unhealthy"}]}""")]
    [InlineData("Bad gateway")]
    [InlineData("[1]")]
    public async Task Should_leave_alone_a_team_that_fails_for_another_reason(string health)
    {
        var team = new FailingTeam { Health = health };
        var client = team.Client();
        (await client.IsReady("sales", CancellationToken.None)).ShouldBeFalse();

        await Call(client, ManyCalls);

        team.Calls.ShouldBeLessThan(ManyCalls);
        (await client.Call(Question, "key", "correlation", null, CancellationToken.None)).Problem!.ShouldContain("circuit breaker");
    }

    [Fact]
    public async Task Should_leave_alone_a_team_that_fails_once_it_is_warm()
    {
        var team = new FailingTeam { Health = """{"checks":[{"name":"warm","status":"Unhealthy"}]}""" };
        var client = team.Client();
        await client.IsReady("sales", CancellationToken.None);
        await Call(client, ManyCalls);
        team.HealthStatus = HttpStatusCode.OK;
        (await client.IsReady("sales", CancellationToken.None)).ShouldBeTrue();
        await client.CloseBreaker("sales");

        await Call(client, ManyCalls);

        team.Calls.ShouldBeLessThan(2 * ManyCalls);
    }

    private static TeamCall Question => new("sales.review", "/order-refund-requests/RMA-2026-000001", IsQuestion: true);

    private static async Task Call(TeamClient client, int times)
    {
        for (var call = 0; call < times; call++) await client.Call(Question, "key", "correlation", null, CancellationToken.None);
    }

    /// <summary>Stands for another team's process, which answers every call with 503.</summary>
    private sealed class FailingTeam : HttpMessageHandler, IHttpClientFactory
    {
        public required string Health { get; init; }

        public HttpStatusCode HealthStatus { get; set; } = HttpStatusCode.ServiceUnavailable;

        public bool Works { get; set; }

        public int Calls { get; private set; }

        public TeamClient Client() => new(this, Options.Create(new TraditionalOptions { Retries = 0 }));

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false) { BaseAddress = new Uri("http://team") };

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath == "/health/ready")
                return Task.FromResult(new HttpResponseMessage(HealthStatus) { Content = new StringContent(Health) });
            Calls++;
            return Task.FromResult(new HttpResponseMessage(Works ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable) { Content = new StringContent("{}") });
        }
    }
}
