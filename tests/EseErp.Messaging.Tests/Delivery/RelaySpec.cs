using System.Diagnostics;
using EseErp.EventStore;
using Npgsql;

namespace EseErp.Messaging.Tests;

public abstract class RelaySpec(TestDatabases databases, IServiceEngine? engine = null) : DeliverySpec(databases, engine)
{
    private static readonly string LeaderSession =
        $"pid in (select pid from pg_locks where locktype = 'advisory' and objid = {Relay.LeaderLock} and objsubid = 1 and granted) and datname = ";

    [Fact]
    public async Task Should_publish_every_event_once_and_in_order_per_key()
    {
        var team = await StartTeam(Messaging with { Consumes = false });
        var parcels = Enumerable.Range(0, 10).SelectMany(batch => Enumerable.Range(0, 5).Select(key => new ParcelSent($"RMA-{key}", batch))).ToList();

        foreach (var batch in parcels.Chunk(5)) await team.Send(batch);

        var records = await Read(50);
        (await End()).ShouldBe(50);
        foreach (var key in records.GroupBy(record => record.Key))
            key.Select(record => ((ParcelSent)Event(record).Message).Number).ShouldBe(Enumerable.Range(0, 10));
        var first = Event(records[0]);
        first.Source.ShouldBe($"/{Messaging.Group}");
        first.Subject.ShouldBe(records[0].Key);
        first.StreamVersion.ShouldBe(1);
    }

    [Fact]
    public async Task Should_publish_nothing_of_work_that_was_rolled_back()
    {
        var team = await StartTeam(Messaging with { Consumes = false });
        await Should.ThrowAsync<InvalidOperationException>(() => team.Work(async provider =>
        {
            ((Facts)provider.GetService(typeof(Facts))!).Record("RMA-1", new ParcelSent("RMA-1", 1), Coordination.Event);
            await ((EventStreams)provider.GetService(typeof(EventStreams))!).Append("RMA-1", 0, [EventStoreFixture.NewEvent("RMA-1")], CancellationToken.None);
            throw new InvalidOperationException("no");
        }));
        await team.Send(new ParcelSent("RMA-2", 1));

        (await Read(1)).ShouldHaveSingleItem().Key.ShouldBe("RMA-2");
        (await team.Events()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Should_publish_an_event_that_was_committed_after_later_ones()
    {
        var team = await StartTeam();
        await using var late = await DelayedAppend.Begin(Database, "ese.parcels.parcel-received.v1");
        await team.Send(Parcels("RMA-1", 0, 5));
        // It looks several times a second, so this gives it every occasion to pass by the late one.
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(1)) (await End()).ShouldBe(0);

        await late.Commit();

        (await Read(6)).Select(record => record.Key).ShouldContain(late.Stream);
    }

    [Fact]
    public async Task Should_lose_nothing_under_delayed_commits()
    {
        await StartTeam(Messaging with { Consumes = false });
        var random = new Random(5);
        var streams = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            var written = new List<string>();
            for (var round = 0; round < 15; round++)
            {
                await using var append = await DelayedAppend.Begin(Database, "ese.parcels.parcel-received.v1");
                var others = random.Next(0, 4);
                for (var other = 0; other < others; other++) await End();
                await append.Commit();
                written.Add(append.Stream);
            }

            return written;
        }));

        (await Read(90)).Select(record => record.Key).ShouldBe(streams.SelectMany(written => written), ignoreOrder: true);
    }

    [Fact]
    public async Task Should_be_applied_once_what_was_published_without_the_relay_hearing_of_it()
    {
        var crashes = 2;
        var (team, _) = await StartFaulty(faults => faults.AfterPublish = () => Crash(ref crashes));
        var parcels = Parcels("RMA-1", 0, 20).ToList();

        foreach (var some in parcels.Chunk(5))
        {
            await team.Send(some);
            await Eventually.Within(Limit, async () => await End() > some[0].Number, "some of them to be published");
        }

        ShouldBeOnceEach(await Applied(team, 20), parcels);
        Volatile.Read(ref crashes).ShouldBeLessThan(1);
        if (BrokerKnowsWhatItHas) (await End()).ShouldBe(20);
        (await Read(20)).Select(record => ((ParcelSent)Event(record).Message).Number).Distinct().ShouldBe(Enumerable.Range(0, 20));
        ShouldBeOnceEach(await team.Receipts(), parcels);
    }

    [Fact]
    public async Task Should_not_go_past_what_the_broker_has_not_acknowledged()
    {
        var crashes = 2;
        var (team, _) = await StartFaulty(faults => faults.BeforePublish = () => Crash(ref crashes));
        var parcels = Parcels("RMA-1", 0, 20).ToList();

        await team.Send(parcels);

        ShouldBeOnceEach(await Applied(team, 20), parcels);
        (await End()).ShouldBe(20);
    }

    [Fact]
    public async Task Should_go_on_at_the_place_an_earlier_process_reached()
    {
        await using (var first = await Team.Start(Database, Messaging with { Consumes = false }))
        {
            await first.Send(Parcels("RMA-1", 0, 5));
            await Eventually.Within(Limit, NotedPosition, position => position == 5, "the first five to be published, and that to be noted");
        }

        var second = await StartTeam(Messaging with { Consumes = false });
        await second.Send(Parcels("RMA-1", 5, 5));

        (await Read(10)).Count.ShouldBe(10);
        (await End()).ShouldBe(10);
    }

    [Fact]
    public async Task Should_publish_from_one_replica_and_from_the_other_when_that_one_stops()
    {
        var (one, oneFaults) = await StartFaulty(_ => { }, Messaging with { Consumes = false });
        var (two, twoFaults) = await StartFaulty(_ => { }, Messaging with { Consumes = false });
        await Task.WhenAll(one.Send(Parcels("RMA-1", 0, 50)), two.Send(Parcels("RMA-2", 0, 50)));
        await Eventually.Within(Limit, End, end => end == 100, "all events");
        // The broker has them a moment before the relay hears of it.
        await Eventually.Within(Limit, () => Task.FromResult(oneFaults.Published + twoFaults.Published), sum => sum == 100, "the acknowledgements");
        new[] { oneFaults.Published, twoFaults.Published }.ShouldContain(0);

        var (leader, other) = oneFaults.Published > 0 ? (one, two) : (two, one);
        await leader.Stop(TimeSpan.FromSeconds(5));
        await other.Send(Parcels("RMA-3", 0, 10));

        await Eventually.Within(Limit, End, end => end == 110, "the events of the other replica");
    }

    [Fact]
    public async Task Should_be_taken_over_when_the_leaders_session_ends_and_lose_nothing()
    {
        var (one, oneFaults) = await StartFaulty(_ => { });
        var (_, twoFaults) = await StartFaulty(_ => { });
        var parcels = new List<ParcelSent>();
        await Send();
        await Eventually.Within(Limit, End, end => end > 0, "somebody to lead");
        var (leader, other) = oneFaults.Published > 0 ? (oneFaults, twoFaults) : (twoFaults, oneFaults);

        // Whoever asks first leads next; sooner or later that is the other one.
        await Eventually.Within(Limit, async () =>
        {
            await Databases.Server.EndSessions(LeaderSession + $"'{new NpgsqlConnectionStringBuilder(Database).Database}'");
            var published = leader.Published + other.Published;
            await Send();
            await Eventually.Within(Limit, () => Task.FromResult(leader.Published + other.Published > published), "publishing to go on");
            return other.Published > 0;
        }, "the other replica to lead");

        ShouldBeOnceEach(await Applied(one, parcels.Count), parcels);

        Task Send()
        {
            var some = Parcels("RMA-1", parcels.Count, 10).ToList();
            parcels.AddRange(some);
            return one.Send(some);
        }
    }

    [Fact]
    public async Task Should_leave_publishing_to_another_replica_when_it_does_not_reach_the_broker()
    {
        var (stuck, _) = await StartFaulty(faults => faults.BeforePublish = () => throw new InvalidOperationException("no way to the broker"), Messaging with { Consumes = false });
        await stuck.Send(Parcels("RMA-1", 0, 5));
        await Eventually.Within(Limit, () => Task.FromResult(stuck.Warnings.Count > 0), "the first to try");

        await StartTeam(Messaging with { Consumes = false });

        (await Read(5)).Count.ShouldBe(5);
    }

    [Fact]
    public async Task Should_publish_a_command_to_its_own_topic_in_order_and_lose_nothing_at_a_crash_between_the_two()
    {
        var elsewhere = $"{Messaging.Topic}-commands";
        await Broker.CreateTopics([elsewhere], Messaging.Partitions, CancellationToken.None);
        var crashes = 1;
        var (team, _) = await StartFaulty(
            faults => faults.AfterPublish = () => Crash(ref crashes), Messaging with { Consumes = false, CommandTopic = elsewhere });

        await team.Work(provider =>
        {
            var facts = (Facts)provider.GetService(typeof(Facts))!;
            for (var number = 0; number < 20; number++)
            {
                facts.Record("RMA-1", new ParcelSent("RMA-1", number), Coordination.Event);
                facts.Record($"command-{number}", "RMA-1", new ParcelReceived("RMA-1", number), Coordination.Event);
            }

            return Task.CompletedTask;
        });

        (await Read(20, elsewhere)).Select(record => ((ParcelReceived)Event(record).Message).Number).Distinct().ShouldBe(Enumerable.Range(0, 20));
        (await Read(20)).Select(record => ((ParcelSent)Event(record).Message).Number).Distinct().ShouldBe(Enumerable.Range(0, 20));
        // The crash came before the relay heard of it.
        Volatile.Read(ref crashes).ShouldBeLessThan(1);
        if (BrokerKnowsWhatItHas) (await End()).ShouldBe(20);
    }

    private Task<long> NotedPosition() => Ask<long>("select coalesce(max(position), 0) from ese.relay_position");

    private static ReceivedEvent Event(BrokerRecord record) => CloudEvent.Read(record.Value, new EventTypes(ParcelDb.Contracts));

    private static void Crash(ref int times)
    {
        if (Interlocked.Decrement(ref times) >= 0) throw new InvalidOperationException("crash");
    }
}
