using System.Diagnostics;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>What a service still tells, and how soon, when one of its databases refuses it or has fallen silent.</summary>
public sealed class OutageTests(TestDatabases databases) : DeliverySpec(databases)
{
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Readiness = TimeSpan.FromSeconds(5);
    private static readonly HttpClient Http = new() { Timeout = Limit };
    private readonly List<TcpProxy> _proxies = [];

    public static TheoryData<string, bool> Outages { get; } = new() { { "broker", false }, { "broker", true }, { "database", false }, { "database", true } };

    public override async Task DisposeAsync()
    {
        foreach (var proxy in _proxies) proxy.Speak();
        await base.DisposeAsync();
        foreach (var proxy in _proxies) await proxy.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Outages))]
    public async Task Should_show_within_two_seconds_how_far_its_group_is_from_what_it_heard_last(string what, bool silently)
    {
        var (team, outage) = await Start(what, silently);
        await Publish(Enumerable.Range(0, 8).Select(number => new ParcelSent($"RMA-{number}", 0)));
        await Eventually.Within(Limit, async () => (await team.Receipts()).Count, count => count == 8, "the parcels to be applied");
        await Eventually.Within(Limit, async () => (await Consumers(team)).Sum(position => position.Lag) == 0, "the group to have caught up");
        var before = await Consumers(team);
        before.Sum(position => position.End).ShouldBe(8);

        var since = DateTimeOffset.UtcNow;
        await outage.Begin();
        try
        {
            // It may find its broken connections only now, and what it does for itself must be in nobody's way.
            for (var time = 0; time < 5; time++)
            {
                var clock = Stopwatch.StartNew();
                var positions = await Consumers(team);

                clock.Elapsed.ShouldBeLessThan(Answer);
                positions.Select(position => (position.Topic, position.Partition, position.Position, position.End, position.Lag)).ShouldBe(
                    before.Select(position => (position.Topic, position.Partition, position.Position, position.End, position.Lag)));
                if (what == "broker") positions.ShouldAllBe(position => position.EndSeenAt != null && position.EndSeenAt <= since);
                else positions.ShouldAllBe(position => position.EndSeenAt > since);
            }
        }
        finally
        {
            await outage.End();
        }

        // The test's own connections to the broker may be broken too.
        await Eventually.Within(Limit, () => Publish([new ParcelSent("RMA-9", 0)]), "another parcel to be published");
        await Eventually.Within(Limit, async () => (await Consumers(team)).Sum(position => position.Position), sum => sum == 9, "it to go on");
    }

    [Theory]
    [MemberData(nameof(Outages))]
    public async Task Should_be_unready_with_the_reason_within_five_seconds_and_ready_again_afterwards(string what, bool silently)
    {
        var (team, outage) = await Start(what, silently);
        await Eventually.Within(Limit, async () => (await Health(team)).Values.All(entry => entry.Status == HealthStatus.Healthy), "it to be ready");

        await outage.Begin();
        try
        {
            var clock = Stopwatch.StartNew();
            await Eventually.Within(Readiness, async () => (await Health(team))[what].Status == HealthStatus.Unhealthy, "it to be unready");
            clock.Elapsed.ShouldBeLessThan(Readiness);
            var health = await Health(team);
            health[what].Description.ShouldNotBeNullOrEmpty();
            health[what].Description!.ShouldNotContain("Password");
            health[what == "broker" ? "database" : "broker"].Status.ShouldBe(HealthStatus.Healthy);
        }
        finally
        {
            await outage.End();
        }

        await Eventually.Within(Readiness, async () => (await Health(team)).Values.All(entry => entry.Status == HealthStatus.Healthy), "it to be ready again");
    }

    private static async Task<List<GroupPosition>> Consumers(Team team) => (await Http.GetFromJsonAsync<List<GroupPosition>>(new Uri(team.Address, "/consumers")))!;

    private static async Task<IReadOnlyDictionary<string, HealthReportEntry>> Health(Team team) =>
        (await team.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"))).Entries;

    /// <summary>Starts a team that reaches one of its databases by a way that can be closed.</summary>
    private async Task<(Team Team, (Func<Task> Begin, Func<Task> End) Outage)> Start(string what, bool silently)
    {
        var direct = new NpgsqlConnectionStringBuilder(what == "broker" ? Messaging.Broker : Database);
        var proxy = new TcpProxy(direct.Host!, direct.Port);
        _proxies.Add(proxy);
        var through = new NpgsqlConnectionStringBuilder(direct.ConnectionString) { Host = "127.0.0.1", Port = proxy.Port }.ConnectionString;
        var team = what == "broker" ? await StartTeam(Messaging with { Broker = through }) : await StartTeam(database: through);
        return (team, silently ? (Silence, Speak) : (Refuse, Allow));

        Task Silence()
        {
            proxy.FallSilent();
            return Task.CompletedTask;
        }

        Task Speak()
        {
            proxy.Speak();
            return Task.CompletedTask;
        }

        async Task Refuse()
        {
            await Databases.Server.Execute($"alter database \"{direct.Database}\" allow_connections false");
            await Databases.Server.EndSessions($"datname = '{direct.Database}'");
        }

        Task Allow() => Databases.Server.Execute($"alter database \"{direct.Database}\" allow_connections true");
    }
}
