using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging.Tests;

/// <summary>A group is not sent back to a beginning that the broker no longer has, unless somebody accepts that.</summary>
public abstract class DroppedRecordsSpec(TestDatabases databases, IServiceEngine? engine = null) : DeliverySpec(databases, engine)
{
    /// <summary>Fills one partition, and has the broker drop the beginning of it.</summary>
    /// <returns>How many records it has dropped.</returns>
    protected abstract Task<long> DropBeginning();

    /// <summary>Waits until the team has read what is left.</summary>
    protected abstract Task WhenRead();

    /// <summary>Whether it consumes as before.</summary>
    protected abstract Task GoesOn(Team team);

    [Fact]
    public async Task Should_refuse_to_replay_what_was_dropped_and_leave_everything_as_it_is()
    {
        var dropped = await DropBeginning();
        var team = await StartTeam();
        await WhenRead();
        var before = await Offsets();

        var refused = (await Replay(team)).ShouldBeOfType<ConflictProblem>().Value;

        refused.Extensions["dropped"].ShouldBeAssignableTo<IReadOnlyList<DroppedRecords>>().ShouldBe([new DroppedRecords(Messaging.Topic, dropped)]);
        refused.Detail!.ShouldContain($"Dropped: {dropped} records of {Messaging.Topic}.");
        refused.Detail!.ShouldContain("acceptLoss=true");
        (await Offsets()).ShouldBe(before);
        await GoesOn(team);
    }

    protected static async Task<object> Replay(Team team, bool acceptLoss = false) => (await ConsumersApi.Replay(
        team.Broker, team.Services.GetRequiredService<PumpControl>(), team.Services.GetRequiredService<GroupOffsets>(),
        team.Services.GetRequiredService<GroupPositions>(), team.Services.GetRequiredService<Subscriptions>(),
        team.Services.GetRequiredService<IOptions<MessagingOptions>>(), CancellationToken.None, acceptLoss)).Result;

    private Task<string> Offsets() => Ask<string>("select coalesce(json_agg(json_build_array(topic, partition, next_offset) order by topic, partition)::text, '') from ese.group_offsets where next_offset > 0");
}

public sealed class DroppedRecordsTests(TestDatabases databases) : DroppedRecordsSpec(databases)
{
    protected override async Task<long> DropBeginning()
    {
        await Publish(Parcels("RMA-2", 0, 7));
        await Databases.Age(Messaging.Topic, days: 10);
        await Broker.ApplyRetention(CancellationToken.None);
        await Publish(Parcels("RMA-2", 7, 2));
        return 7;
    }

    protected override Task WhenRead() => CaughtUp();

    protected override async Task GoesOn(Team team)
    {
        await Publish(Parcels("RMA-1", 0, 3));
        ShouldBeOnceEach(await Applied(team, 5), [.. Parcels("RMA-2", 7, 2), .. Parcels("RMA-1", 0, 3)]);
    }

    [Fact]
    public async Task Should_read_what_is_left_again_where_the_loss_is_accepted()
    {
        await DropBeginning();
        var team = await StartTeam();
        await Applied(team, 2);

        var replay = (await Replay(team, acceptLoss: true)).ShouldBeOfType<Accepted<ReplayView>>().Value!;

        (replay.Records, replay.Dropped).ShouldBe((2, 7));
        await CaughtUp();
        ShouldBeOnceEach(await team.Receipts(), Parcels("RMA-2", 7, 2));
    }
}

/// <summary>Kafka, which drops by itself; the mock does beyond 5 MB of a partition.</summary>
public sealed class KafkaDroppedTests(TestDatabases databases, MockKafkaEngine kafka) : DroppedRecordsSpec(databases, kafka), IClassFixture<MockKafkaEngine>
{
    protected override async Task<long> DropBeginning()
    {
        for (var number = 0; number < 8; number++)
            await Broker.Publish(Messaging.Topic, [new OutgoingRecord("RMA-2", new byte[BrokerLimits.MostValueBytes])], CancellationToken.None);
        var oldest = (await Broker.EndsNow([Messaging.Topic], CancellationToken.None)).Max(end => end.Oldest);
        oldest.ShouldBeGreaterThan(1);
        return oldest;
    }

    // The mock is here for what it drops; a team's life on Kafka is tested on Kafka.
    protected override Task WhenRead() => Task.CompletedTask;

    protected override Task GoesOn(Team team) => Task.CompletedTask;
}
