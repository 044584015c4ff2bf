using System.Diagnostics;
using System.Diagnostics.Metrics;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>What goes wrong on purpose, as a consumer meets it.</summary>
public sealed class FaultTests(TestDatabases databases) : DeliverySpec(databases)
{
    [Fact]
    public async Task Should_delay_messages_as_requests_are_delayed_side_by_side()
    {
        var team = await StartTeam();
        await Publish(Parcels(KeyOfLane(0), 0, 1));
        await Applied(team, 1);

        Set(team, new FaultSet(new LatencyFault(LatencyDistribution.Constant, 400)));
        var clock = Stopwatch.StartNew();
        await Publish(Parcels(KeyOfLane(0), 1, 100));
        await Applied(team, 101);
        // 40 s one after another.
        clock.ElapsedMilliseconds.ShouldBeInRange(400, 20_000);
    }

    [Fact]
    public async Task Should_wait_for_the_slowest_of_a_batch()
    {
        using var faults = new Faults(TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<Faults>.Instance);
        faults.Put(new FaultSet(new LatencyFault(LatencyDistribution.Uniform, 200, JitterMilliseconds: 200), Seed: 1));
        var clock = Stopwatch.StartNew();
        await faults.BeforeMessages(200, CancellationToken.None);
        clock.ElapsedMilliseconds.ShouldBeGreaterThan(380);
    }

    [Fact]
    public async Task Should_throw_at_the_consumer_and_leave_the_rest_to_its_retry_policy()
    {
        var team = await StartTeam(Messaging with { Consumers = topic => topic.Runs<ImpatientWhenParcelSent>() });
        Set(team, new FaultSet(ErrorRate: 1));
        await Publish(Parcels(KeyOfLane(0), 0, 1));

        var letter = await Eventually.Within(Limit, () => Letters(team), letters => letters.Count == 1, "the dead letter");
        letter[0].Attempts.ShouldBe(ImpatientWhenParcelSent.Attempts);
        letter[0].Error.ShouldContain("injected fault");
        (await team.Receipts()).ShouldBeEmpty();

        team.Services.GetRequiredService<Faults>().Put(FaultSet.None);
        await Publish(Parcels(KeyOfLane(1), 0, 3));
        (await Applied(team, 3)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Should_apply_everything_once_when_attempts_fail_now_and_then()
    {
        using var strikes = new Strikes();
        var team = await StartTeam(Messaging with { Consumers = topic => topic.Runs<PatientWhenParcelSent>() });
        Set(team, new FaultSet(ErrorRate: 0.3, Seed: 5));
        var parcels = Enumerable.Range(0, 30).SelectMany(number => Parcels($"RMA-{number}", 0, 2)).ToList();
        await Publish(parcels);
        ShouldBeOnceEach(await Applied(team, parcels.Count), parcels);
        strikes.Of("errors").ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Should_hang_with_what_it_took_and_hold_no_transaction_meanwhile()
    {
        using var strikes = new Strikes();
        var team = await StartTeam();
        Set(team, new FaultSet(Hang: true));
        await Publish(Parcels(KeyOfLane(0), 0, 5));
        await Eventually.Within(Limit, () => Task.FromResult(strikes.Of("hang") >= 5), "the batch to hang");
        (await team.Receipts()).ShouldBeEmpty();
        (await Lag()).ShouldBe(5);
        (await OpenTransactions()).ShouldBe(0);

        Set(team, FaultSet.None);
        ShouldBeOnceEach(await Applied(team, 5), Parcels(KeyOfLane(0), 0, 5));
    }

    [Fact]
    public async Task Should_stop_in_time_though_it_hangs()
    {
        using var strikes = new Strikes();
        var team = await StartTeam();
        Set(team, new FaultSet(Hang: true));
        await Publish(Parcels(KeyOfLane(0), 0, 1));
        await Eventually.Within(Limit, () => Task.FromResult(strikes.Of("hang") >= 1), "the batch to hang");
        var clock = Stopwatch.StartNew();
        await team.Stop(Limit);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Should_take_nothing_while_consumers_are_paused_and_go_on_where_it_was()
    {
        var team = await StartTeam();
        await Publish(Parcels(KeyOfLane(0), 0, 5));
        await Applied(team, 5);
        Set(team, new FaultSet(PauseConsumers: true));
        await Eventually.Within(Limit, async () => !await Broker.HasMembers(Messaging.Group, CancellationToken.None), "the group to be left");
        // What it reads again when it comes back stops at the inbox.
        await SendToBeginning();

        await Publish(Parcels(KeyOfLane(0), 5, 10));
        var witness = await Team.Start(await Databases.CreateDatabase(), Messaging with { Group = $"{Messaging.Group}-witness", Publishes = false });
        await using (witness)
            await Eventually.Within(Limit, async () => (await witness.Receipts()).Count, count => count == 15, "another team to have them all");
        (await team.Receipts()).Count.ShouldBe(5);
        (await Lag()).ShouldBe(15);

        Set(team, FaultSet.None);
        ShouldBeOnceEach(await Applied(team, 15), Parcels(KeyOfLane(0), 0, 15));
    }

    [Fact]
    public async Task Should_slow_down_every_command_of_a_transaction_and_no_longer_than_that()
    {
        using var strikes = new Strikes();
        await using var team = await Team.Start(await Databases.CreateDatabase());
        Set(team, new FaultSet(DatabaseDelayMilliseconds: 200));
        var clock = Stopwatch.StartNew();
        await team.Work(async provider =>
        {
            var db = provider.GetRequiredService<ParcelDb>();
            // Read by EF Core, written by it, written as a set, and recorded in the log.
            await db.Receipts.CountAsync();
            db.Shelves.Add(new Shelf { Sku = "SKU-1" });
            db.Crates.AddRange(Enumerable.Range(0, 10).Select(number => new Crate { Id = $"C-{number}" }));
            provider.GetRequiredService<Facts>().Record("RMA-1", new ParcelSent("RMA-1", 1), Coordination.Event);
        });
        var commands = strikes.Of("slow-database");
        commands.ShouldBe(4);
        clock.ElapsedMilliseconds.ShouldBeGreaterThanOrEqualTo((commands * 200) - 10);
    }

    private static void Set(Team team, FaultSet faults) => team.Services.GetRequiredService<Faults>().Put(faults);

    private static Task<IReadOnlyList<DeadLetter>> Letters(Team team) =>
        team.Services.GetRequiredService<DeadLetters>().List(new DeadLetterFilter(0, null, null, null, null), 10, CancellationToken.None);

    private async Task<long> OpenTransactions()
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Database) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select count(*) from pg_stat_activity where datname = current_database() and backend_xid is not null and pid <> pg_backend_pid()", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>How often faults struck in this process since it began to count.</summary>
    private sealed class Strikes : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<string, long> _counts = [];

        public Strikes()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "ese_fault_strikes") listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            {
                var fault = (string)tags[0].Value!;
                lock (_counts) _counts[fault] = _counts.GetValueOrDefault(fault) + value;
            });
            _listener.Start();
        }

        public long Of(string fault)
        {
            lock (_counts) return _counts.GetValueOrDefault(fault);
        }

        public void Dispose() => _listener.Dispose();
    }
}
