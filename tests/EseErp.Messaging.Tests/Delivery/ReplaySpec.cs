using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging.Tests;

/// <summary>Everything comes again, and nothing happens again.</summary>
public abstract class ReplaySpec(TestDatabases databases, IServiceEngine? engine = null) : DeliverySpec(databases, engine)
{
    [Fact]
    public async Task Should_apply_and_record_nothing_again_when_everything_is_read_again()
    {
        var parcels = Parcels("RMA-1", 0, 30, acknowledge: true).Concat(Parcels("RMA-2", 0, 30, acknowledge: true)).ToList();
        await Publish(parcels);
        var came = 0;
        var (team, _) = await StartFaulty(faults => faults.BeforeCommit = batch => Interlocked.Add(ref came, batch.Records.Count), Messaging with { Publishes = false });
        await Applied(team, 60);
        var receipts = await team.Receipts();
        // Counted, not read: what has just been written is hidden from readers for a moment.
        (await team.Log.Count(null, CancellationToken.None)).ShouldBe(60);
        came.ShouldBe(60);

        var replay = (await Replay(team)).ShouldBeOfType<Accepted<ReplayView>>().Value!;

        replay.Group.ShouldBe(Messaging.Group);
        replay.Records.ShouldBe(60);
        await CaughtUp();
        await Eventually.Within(Limit, () => Task.FromResult(Volatile.Read(ref came)), count => count == 120, "all to come again");
        (await team.Receipts()).Select(receipt => receipt.Id).ShouldBe(receipts.Select(receipt => receipt.Id));
        (await team.Log.Count(null, CancellationToken.None)).ShouldBe(60);
        // And the pump goes on.
        await Publish(Parcels("RMA-1", 30, 5));
        await Applied(team, 65);
    }

    [Fact]
    public async Task Should_apply_what_was_never_applied()
    {
        await Publish(Parcels("RMA-1", 0, 5), EventStore.Coordination.Traditional);
        await Publish(Parcels("RMA-2", 0, 5));
        await using (var deaf = await Team.Start(Database, Messaging)) await Applied(deaf, 5);

        // Since then it has learned to listen to the others too.
        var team = await StartTeam(Messaging with { Traditional = true });
        await Replay(team);

        ShouldBeOnceEach(await Applied(team, 10), [.. Parcels("RMA-1", 0, 5), .. Parcels("RMA-2", 0, 5)]);
    }

    [Fact]
    public async Task Should_leave_dead_letters_as_they_are()
    {
        await Broker.Publish(Messaging.Topic, [new OutgoingRecord("RMA-1", "poison"u8.ToArray())], CancellationToken.None);
        await Publish(Parcels("RMA-1", 0, 3));
        var team = await StartTeam();
        var letters = team.Services.GetRequiredService<DeadLetters>();
        await CaughtUp();
        var before = await letters.List(new DeadLetterFilter(), 100, CancellationToken.None);
        before.Count.ShouldBe(4);

        await Replay(team);

        await CaughtUp();
        (await letters.List(new DeadLetterFilter(), 100, CancellationToken.None)).Select(letter => letter.Id).ShouldBe(before.Select(letter => letter.Id));
        (await team.Receipts()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Should_refuse_while_another_replica_is_in_the_group_and_go_on_consuming()
    {
        var first = await StartTeam();
        var second = await StartTeam();
        await Publish(Parcels("RMA-1", 0, 5));
        await Applied(first, 5);

        (await Replay(first)).ShouldBeOfType<ConflictProblem>().Value.Detail!.ShouldContain("Other replicas");

        (await Lag()).ShouldBe(0);
        await second.DisposeAsync();
        await Publish(Parcels("RMA-1", 5, 5));
        ShouldBeOnceEach(await Applied(first, 10), Parcels("RMA-1", 0, 10));
    }

    [Fact]
    public async Task Should_not_start_a_pump_that_somebody_else_wants_stopped()
    {
        using var pump = new PumpControl();
        using var limit = new CancellationTokenSource(Limit);
        await pump.Pause(limit.Token);
        using var first = await pump.Hold(limit.Token);
        var entering = pump.Enter(limit.Token);
        pump.Resume();
        entering.IsCompleted.ShouldBeFalse("it is held");
        (await pump.Hold(limit.Token)).Dispose();
        entering.IsCompleted.ShouldBeFalse("it is held twice");
        await pump.Pause(limit.Token);
        first.Dispose();
        using (var ended = new CancellationTokenSource())
        {
            // It must not enter later on: there is one pump, and who enters has to leave.
            var another = pump.Enter(ended.Token);
            another.IsCompleted.ShouldBeFalse("it is paused");
            await ended.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => another);
        }

        entering.IsCompleted.ShouldBeFalse("it is paused");

        pump.Resume();

        (await entering.WaitAsync(Limit)).IsCancellationRequested.ShouldBeFalse();
        pump.Leave();
        using (await pump.Hold(limit.Token)) pump.Enter(limit.Token).IsCompleted.ShouldBeFalse("it is held again");
    }

    private static async Task<object> Replay(Team team, bool acceptLoss = false) => (await ConsumersApi.Replay(
        team.Broker, team.Services.GetRequiredService<PumpControl>(), team.Services.GetRequiredService<GroupOffsets>(),
        team.Services.GetRequiredService<GroupPositions>(), team.Services.GetRequiredService<Subscriptions>(), team.Services.GetRequiredService<IOptions<MessagingOptions>>(), CancellationToken.None, acceptLoss)).Result;
}
