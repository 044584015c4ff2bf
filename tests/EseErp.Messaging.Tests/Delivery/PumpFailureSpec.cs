using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;

namespace EseErp.Messaging.Tests;

public abstract class PumpFailureSpec(TestDatabases databases, IServiceEngine? engine = null) : DeliverySpec(databases, engine)
{
    [Fact]
    public async Task Should_apply_all_others_of_a_batch_and_retry_the_one_that_fails_until_it_succeeds()
    {
        var (bad, sameLane, otherLane) = (KeyOfLane(0), KeyOfLane(0, skip: 1), KeyOfLane(1));
        var broken = true;
        var attempts = new ConcurrentQueue<long>();
        await Publish([.. Parcels(sameLane, 0, 3), .. Parcels(bad, 0, 3), .. Parcels(sameLane, 3, 3), .. Parcels(otherLane, 0, 3)]);
        var team = await StartTeam(Messaging with
        {
            // One worker: even he must not be held up.
            Workers = 1,
            Consumers = topic => topic.Runs<PatientWhenParcelSent>(),
            Script = new Script
            {
                Before = (parcel, _) =>
                {
                    if (parcel.ReturnId != bad || parcel.Number != 1 || !Volatile.Read(ref broken)) return Task.CompletedTask;
                    attempts.Enqueue(Stopwatch.GetTimestamp());
                    throw new InvalidOperationException("a bug");
                },
            },
        });

        // All but itself and what is behind it of its own key, old and new.
        await Eventually.Within(Limit, async () => (await team.Receipts()).Count == 10, "the others");
        await Publish([.. Parcels(sameLane, 6, 5), .. Parcels(otherLane, 3, 5)]);
        await Eventually.Within(Limit, async () => (await team.Receipts()).Count == 20, "later ones");
        await Eventually.Within(Limit, () => Ask<bool>("select coalesce(max(attempts), 0) >= 5 from ese.retries"), "it to be tried again");
        (await team.Receipts()).Count.ShouldBe(20);
        // The first pass tries it several times, in the batch, its halves and alone; after that the pauses grow from 100 ms.
        var times = attempts.ToArray()[^4..];
        Stopwatch.GetElapsedTime(times[0], times[3]).TotalMilliseconds.ShouldBeGreaterThan(650);

        Volatile.Write(ref broken, false);

        var receipts = await Applied(team, 22);
        ShouldBeOnceEach(receipts, [.. Parcels(sameLane, 0, 11), .. Parcels(bad, 0, 3), .. Parcels(otherLane, 0, 8)]);
        receipts.Where(receipt => receipt.ReturnId == bad).Select(receipt => receipt.Number).ShouldBe([0, 1, 2]);
    }

    [Fact]
    public async Task Should_go_on_with_another_topic_of_the_same_lane_when_one_is_stuck()
    {
        // What one topic's event waits for may come from the other topic, in the same lane.
        var other = $"{Messaging.Topic}-b";
        var key = KeyOfLane(0);
        var arrived = false;
        await Broker.CreateTopics([other], Messaging.Partitions, CancellationToken.None);
        await Publish(Parcels(key, 0, 1));
        await Broker.Publish(other, [Outgoing(new ParcelSent(key, 100))], CancellationToken.None);

        var team = await StartTeam(Messaging with
        {
            OtherTopic = other,
            Script = new Script
            {
                Before = (parcel, _) =>
                {
                    if (parcel.Number == 100) Volatile.Write(ref arrived, true);
                    else if (!Volatile.Read(ref arrived)) throw new InvalidOperationException("too early");
                    return Task.CompletedTask;
                },
            },
        });

        ShouldBeOnceEach(await Applied(team, 2), [new ParcelSent(key, 0), new ParcelSent(key, 100)]);
    }

    [Fact]
    public async Task Should_wait_out_an_outage_of_the_database()
    {
        var team = await StartTeam();
        await team.Send(Parcels("RMA-0", 0, 10));
        await Applied(team, 10);
        var name = new NpgsqlConnectionStringBuilder(Database).Database;

        await Databases.Server.Execute($"alter database \"{name}\" allow_connections false");
        await Databases.Server.EndSessions($"datname = '{name}'");
        await Publish(Parcels("RMA-1", 0, 20));
        await Eventually.Within(Limit, () => Task.FromResult(Says(team, "The database is down")), "the pump to wait");
        await Databases.Server.Execute($"alter database \"{name}\" allow_connections true");

        ShouldBeOnceEach(await Applied(team, 30), [.. Parcels("RMA-0", 0, 10), .. Parcels("RMA-1", 0, 20)]);
        // Others may say that they could not work meanwhile; the pump blames no event.
        Said(team, "A batch of").ShouldBeEmpty("an outage is nobody's failure");
        Said(team, "Event ").ShouldBeEmpty("an outage is nobody's failure");
        // And the relay has found its way back.
        await team.Send(Parcels("RMA-2", 0, 10));
        await Applied(team, 40);
    }

    [Fact]
    public async Task Should_apply_everything_once_while_connections_break_all_the_time()
    {
        var team = await StartTeam();
        var parcels = new List<ParcelSent>();
        var (service, broker) = (new NpgsqlConnectionStringBuilder(Database).Database, Databases.BrokerDatabase);
        for (var round = 0; round < 8; round++)
        {
            var some = Enumerable.Range(0, 20).Select(key => new ParcelSent($"RMA-{key}", round)).ToList();
            parcels.AddRange(some);
            // The publisher's own connections break as well; what it is not sure of it publishes again, as a relay does.
            var records = some.Select(parcel => Outgoing(parcel)).ToList();
            await Eventually.Within(Limit, () => Broker.Publish(Messaging.Topic, records, CancellationToken.None), "publishing");
            await Databases.Server.EndSessions($"datname = '{(round % 2 == 0 ? service : broker)}'");
        }

        ShouldBeOnceEach(await Applied(team, parcels.Count), parcels);
    }

    [Fact]
    public async Task Should_wait_for_a_broker_that_is_away_when_it_joins()
    {
        var failures = 2;
        await Publish(Parcels("RMA-1", 0, 5));
        var (team, _) = await StartFaulty(faults => faults.BeforeJoin = () =>
        {
            if (Interlocked.Decrement(ref failures) >= 0) throw new InvalidOperationException("no broker");
        });

        ShouldBeOnceEach(await Applied(team, 5), Parcels("RMA-1", 0, 5));
    }

    [Fact]
    public async Task Should_stop_within_five_seconds_in_the_middle_of_a_failing_event()
    {
        await Publish(Parcels("RMA-1", 0, 5));
        var team = await StartTeam(Messaging with { Script = new Script { Before = (_, _) => throw new InvalidOperationException("a bug") } });
        await Eventually.Within(Limit, () => Task.FromResult(Says(team, "failed")), "it to fail");

        await team.Stop(TimeSpan.FromSeconds(30)).WaitAsync(TimeSpan.FromSeconds(5));

        (await team.Receipts()).ShouldBeEmpty();
        (await Lag()).ShouldBe(5);
    }

    [Fact]
    public async Task Should_run_again_a_batch_that_lost_a_race()
    {
        var lost = 0;
        await Publish(Parcels("RMA-1", 0, 5));
        var team = await StartTeam(Messaging with
        {
            Script = new Script
            {
                Before = (parcel, _) => parcel.Number == 3 && Interlocked.Increment(ref lost) <= 3
                    ? throw new EventStore.VersionConflictException()
                    : Task.CompletedTask,
            },
        });

        var receipts = await Applied(team, 5);
        ShouldBeOnceEach(receipts, Parcels("RMA-1", 0, 5));
        receipts.Select(receipt => receipt.Xid).Distinct().Count().ShouldBe(1, "nothing was wrong with any of them");
    }

    private static bool Says(Team team, string text) => Said(team, text).Count > 0;

    private static List<string> Said(Team team, string text)
    {
        lock (team.Warnings) return team.Warnings.Where(warning => warning.Contains(text, StringComparison.Ordinal)).ToList();
    }
}
