using EseErp.EventStore;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>A real PgBouncer between a service and its databases: what cannot work is refused at start, with the setting to change.</summary>
public sealed class PoolerTests(TestDatabases databases) : DeliverySpec(databases)
{
    [Theory]
    [InlineData("transaction")]
    [InlineData("statement")]
    public async Task Should_refuse_a_pooler_that_lends_sessions_for_transactions(string mode)
    {
        await using var pooler = await Start(mode, "ignore_startup_parameters = options");
        await SetForRole(async () =>
        {
            // Whatever else comes and goes through it meanwhile.
            for (var time = 0; time < 3; time++)
            {
                var failure = await Should.ThrowAsync<SharedSessionsException>(() => Team.Start(pooler.Through(Database)));

                failure.Message.ShouldContain("ConnectionStrings:Database");
                failure.Message.ShouldContain("pool_mode = session");
            }
        });
    }

    [Fact]
    public async Task Should_refuse_it_before_the_broker_as_well()
    {
        await using var pooler = await Start("transaction", "ignore_startup_parameters = options");
        await SetForRole(async () =>
        {
            var team = await StartTeam(Messaging with { Broker = pooler.Through(Messaging.Broker) });

            await team.Stopped.WaitAsync(Limit);
            lock (team.Failures) team.Failures.OfType<SharedSessionsException>().ShouldContain(failure => failure.Message.Contains("ConnectionStrings:Broker", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task Should_name_what_to_set_where_a_pooler_refuses_how_a_session_begins()
    {
        await using var pooler = await Start("session");

        (await Should.ThrowAsync<SharedSessionsException>(() => Team.Start(pooler.Through(Database)))).Message.ShouldContain("ignore_startup_parameters = options");
    }

    [Fact]
    public async Task Should_name_what_to_set_where_a_pooler_drops_how_a_session_begins()
    {
        await using var pooler = await Start("session", "ignore_startup_parameters = options");

        (await Should.ThrowAsync<SharedSessionsException>(() => Team.Start(pooler.Through(Database)))).Message.ShouldContain("idle_in_transaction_session_timeout");
    }

    [Fact]
    public async Task Should_work_behind_a_pooler_that_lends_sessions_for_good()
    {
        await using var pooler = await Start("session", "ignore_startup_parameters = options", "default_pool_size = 60");
        await SetForRole(async () =>
        {
            await using var team = await Team.Start(pooler.Through(Database), Messaging with { Broker = pooler.Through(Messaging.Broker) });
            await team.Send(Parcels("RMA-1", 0, 20, acknowledge: true));

            ShouldBeOnceEach(await Applied(team, 20), Parcels("RMA-1", 0, 20));
        });
    }

    private Task<PgBouncer> Start(string mode, params string[] settings) => PgBouncer.Start([Database, Messaging.Broker], [$"pool_mode = {mode}", .. settings]);

    private async Task SetForRole(Func<Task> test)
    {
        var role = new NpgsqlConnectionStringBuilder(Database).Username;
        await Databases.Server.Execute($"alter role \"{role}\" set idle_in_transaction_session_timeout = '5s'");
        try
        {
            await test();
        }
        finally
        {
            await Databases.Server.Execute($"alter role \"{role}\" reset idle_in_transaction_session_timeout");
        }
    }
}
