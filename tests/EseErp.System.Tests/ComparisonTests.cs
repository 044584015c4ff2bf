using System.Text.Json;
using EseErp.Lab.Comparison;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EseErp.SystemTests;

/// <summary><c>./ese compare</c>: what it measures, and that it finds what is broken.</summary>
public sealed class ComparisonTests : IAsyncDisposable
{
    // The inbox of Accounting, and what stands behind it and the idempotency keys: what is booked is remembered with the
    // disposal, and once only.
    private static readonly string[] s_removals =
    [
        "create or replace function forget() returns trigger language plpgsql as $$ begin new.booked := '{}'; return new; end $$",
        "create or replace trigger forget before insert or update on asset_disposals for each row execute function forget()",
        "drop index if exists one_entry_per_return_and_cause",
        "alter table ese.inbox drop constraint if exists inbox_pkey",
    ];

    private readonly string _directory = ThrowAwayDirectory.Create();
    private WebApplication? _proxy;

    [Fact]
    public async Task Should_expose_an_inbox_and_idempotency_keys_that_do_not_work()
    {
        Uri? accounting = null;
        _proxy = await StartProxyAsync(() => accounting!);
        var broken = new Scenario("healthy", "Broken", "", TimeSpan.FromSeconds(1.5), 1, 1, _ => 1, BreakAsync);
        await using var run = new ComparisonRun(
            new ComparisonOptions { Quick = true, Seed = 3, Directory = _directory, Prepare = Prepare }, [broken]);

        var report = await run.RunAsync(CancellationToken.None);

        report.IsAccounted.ShouldBeFalse();
        report.Sentence.ShouldContain("doubled");
        report.Results.Single().Together.ShouldAllBe(mode => mode.Value.Doubled > 0, string.Join('\n', report.Audits[0].Findings));
        JsonElement.Parse(report.ToJson()).GetProperty("verdict").Is("accounted").ShouldBeFalse();
        HtmlReport.Of(report).ShouldContain("verdict bad");

        void Prepare(ComparedSystem system)
        {
            accounting = system.Processes.BaseAddress("accounting");
            system.ServiceEnvironment["user-support"] = new Dictionary<string, string> { ["Ese__Teams__Accounting"] = _proxy.Urls.First() };
        }
    }

    [Fact]
    public async Task Should_strike_the_broker_and_the_network_and_put_both_back()
    {
        var outage = TimeSpan.FromSeconds(2);
        var faults = new List<(string When, string Set)>();
        var catalogue = Scenario.All(quick: true);
        var network = catalogue.Single(scenario => scenario.Name == "network") with { Returns = 5, Disturb = (stage, cancelled) => LookAsync(stage, "network", cancelled) };
        // While returns are due the broker is away throughout.
        var broker = catalogue.Single(scenario => scenario.Name == "broker-away") with
        {
            Window = outage / 2,
            BeforeRound = (stage, cancelled) => LookAsync(stage, "later", cancelled),
            Disturb = (stage, cancelled) => stage.RefuseDatabaseAsync(ComparedSystem.BrokerDatabase, TimeSpan.Zero, outage, cancelled),
        };
        await using var run = new ComparisonRun(new ComparisonOptions { Quick = true, Seed = 4, Directory = _directory }, [network, broker]);

        var report = await run.RunAsync(CancellationToken.None);

        report.IsAccounted.ShouldBeTrue(report.Sentence);
        faults.Where(each => each.When == "network").ShouldAllBe(each => each.Set == "5");
        faults.Where(each => each.When == "later").ShouldAllBe(each => each.Set == "");
        faults.Count.ShouldBe(2 * 4 * ScenarioResult.Modes.Count);
        var away = report.Results.Single(result => result.Scenario.Name == "broker-away");
        away.Rounds.ShouldAllBe(round => round.Answered.Count > 0);
        away.Rounds.Where(round => round.Mode == "event").SelectMany(round => round.Answered.Select(each => (round.Answered[0].DueAt - round.Answered[0].Arrival.At, round.ProgressOf(each)?.SettledAt)))
            .Where(each => each.SettledAt is not null).ShouldAllBe(each => each.SettledAt - each.Item1 > outage / 2, "no team hears of a return while the broker is away");
        report.WarmUps.Select(each => each.Mode).ShouldBe(ScenarioResult.Modes);
        report.Results.SelectMany(result => result.Rounds).ShouldAllBe(round => round.IdleCores > 0);

        async Task LookAsync(Stage stage, string when, CancellationToken cancelled)
        {
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            foreach (var team in new[] { "sales", "inventory", "manufacturing", "accounting" })
            {
                var set = JsonElement.Parse(await client.GetStringAsync(new Uri(stage.System.Processes.BaseAddress(team), "faults"), cancelled));
                faults.Add((when, set.Text("faults.latency.medianMilliseconds") ?? ""));
            }
        }
    }

    [Fact]
    public async Task Should_leave_nothing_behind_on_Ctrl_C()
    {
        var checkout = new LabCheckout();
        using var compare = new LabRun(checkout);
        compare.Start("compare", "--quick", "--scenario", "healthy");
        await compare.Says("healthy, event, round 1 of");
        await compare.ShouldLeaveNothingOnCtrlC(Path.Combine(checkout.Work, "compare"), "1");
    }

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null) await _proxy.DisposeAsync();
        if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
    }

    // A moment later Accounting reads again what it has read: in this build nothing stops it from booking it again.
    private static async Task BreakAsync(Stage stage, CancellationToken cancellationToken)
    {
        await using (var session = new NpgsqlConnection(stage.System.Processes.Databases.Database("ese_accounting")))
        {
            await session.OpenAsync(cancellationToken);
            // One by one, as together they would hold one table while they wait for another that Accounting is at.
            foreach (var removal in s_removals)
            {
                await using var command = new NpgsqlCommand(removal, session);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }

        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Task<long> Booked() => stage.System.Data.CountAsync("accounting", "select count(*) from journal_entries where cause = 'RefundIssued'", cancellationToken);
        var before = await Booked();
        await Eventually.Within(Expectations.Soon, Booked, booked => booked > before, "refunds of this round are booked");
        (await client.PostAsync(new Uri(stage.System.Processes.BaseAddress("accounting"), "consumers/replay"), null, cancellationToken)).EnsureSuccessStatusCode();
    }

    /// <summary>Stands between User Support and a team, loses every idempotency key and makes every call twice.</summary>
    private static async Task<WebApplication> StartProxyAsync(Func<Uri> target)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        app.Lifetime.ApplicationStopped.Register(client.Dispose);
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            using var first = await SendAsync();
            if (first.IsSuccessStatusCode) (await SendAsync()).Dispose();
            context.Response.StatusCode = (int)first.StatusCode;
            context.Response.ContentType = first.Content.Headers.ContentType?.ToString();
            await first.Content.CopyToAsync(context.Response.Body);

            async Task<HttpResponseMessage> SendAsync()
            {
                using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(target(), context.Request.Path + context.Request.QueryString));
                if (body.Length > 0)
                {
                    request.Content = new ByteArrayContent(body.ToArray());
                    request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
                }

                foreach (var (name, value) in context.Request.Headers.Where(header => header.Key.StartsWith("X-", StringComparison.OrdinalIgnoreCase)))
                    request.Headers.TryAddWithoutValidation(name, value.ToArray());
                return await client.SendAsync(request);
            }
        });
        await app.StartAsync();
        return app;
    }
}
