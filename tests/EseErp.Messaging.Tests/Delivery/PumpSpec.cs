using EseErp.EventStore;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Messaging.Tests;

public abstract class PumpSpec(TestDatabases databases, IServiceEngine? engine = null) : DeliverySpec(databases, engine)
{
    [Fact]
    public async Task Should_apply_what_is_appended_once_and_in_order_per_key()
    {
        var team = await StartTeam();
        var parcels = Enumerable.Range(0, 30).SelectMany(number => Enumerable.Range(0, 10).Select(key => new ParcelSent($"RMA-{key}", number))).ToList();

        foreach (var batch in parcels.Chunk(10)) await team.Send(batch);

        var receipts = await Applied(team, 300);
        ShouldBeOnceEach(receipts, parcels);
        foreach (var key in receipts.GroupBy(receipt => receipt.ReturnId)) key.Select(receipt => receipt.Number).ShouldBe(Enumerable.Range(0, 30));
    }

    [Fact]
    public async Task Should_apply_a_redelivered_event_once()
    {
        var parcels = Parcels("RMA-1", 0, 10).Concat(Parcels("RMA-2", 0, 10)).ToList();
        await Publish(parcels);
        await using (var first = await Team.Start(Database, Messaging)) ShouldBeOnceEach(await Applied(first, 20), parcels);

        await SendToBeginning();
        (await Lag()).ShouldBe(20);
        var again = await StartTeam();

        await CaughtUp();
        ShouldBeOnceEach(await again.Receipts(), parcels);
    }

    [Fact]
    public async Task Should_move_the_offsets_in_the_transaction_that_applies_a_batch_whatever_happens_after_it()
    {
        var parcels = Parcels("RMA-1", 0, 10).ToList();
        await Publish(parcels);
        var (crashed, _) = await StartFaulty(faults => faults.BeforeCommit = _ => throw new InvalidOperationException("crash"));
        await Eventually.Within(Limit, async () => (await crashed.Receipts()).Count == 10, "the parcels applied");
        (await Lag()).ShouldBe(0);
        await crashed.Stop(TimeSpan.FromSeconds(5));

        var again = await StartTeam();
        await Publish(Parcels("RMA-1", 10, 1));

        ShouldBeOnceEach(await Applied(again, 11), Parcels("RMA-1", 0, 11));
    }

    [Fact]
    public async Task Should_apply_after_a_crash_what_was_taken_but_not_applied()
    {
        await Publish(Parcels("RMA-1", 0, 10));
        var reached = new TaskCompletionSource();
        var hanging = await StartTeam(Messaging with
        {
            Script = new Script
            {
                Before = async (parcel, token) =>
                {
                    if (parcel.Number != 5) return;
                    reached.TrySetResult();
                    await Task.Delay(Timeout.Infinite, token);
                },
            },
        });
        await reached.Task.WaitAsync(Limit);

        await hanging.Stop(TimeSpan.FromSeconds(5)).WaitAsync(TimeSpan.FromSeconds(5));

        (await hanging.Receipts()).ShouldBeEmpty();
        var again = await StartTeam();
        ShouldBeOnceEach(await Applied(again, 10), Parcels("RMA-1", 0, 10));
    }

    [Fact]
    public async Task Should_apply_nothing_while_paused_and_go_on_or_start_over_when_resumed()
    {
        var team = await StartTeam();
        var control = team.Services.GetRequiredService<PumpControl>();
        await Publish(Parcels("RMA-1", 0, 5));
        await Applied(team, 5);

        await control.Pause(CancellationToken.None).WaitAsync(Limit);
        await Publish(Parcels("RMA-1", 5, 5));
        await team.Work(provider => PumpControl.ForgetApplied(provider.GetRequiredService<ParcelDb>(), CancellationToken.None));
        (await team.Receipts()).Count.ShouldBe(5);
        control.Resume();

        ShouldBeOnceEach(await Applied(team, 15), [.. Parcels("RMA-1", 0, 5), .. Parcels("RMA-1", 0, 10)]);
    }

    [Fact]
    public async Task Should_apply_a_batch_in_one_transaction()
    {
        await Publish(Parcels(KeyOfLane(0), 0, 60).Concat(Parcels(KeyOfLane(0, skip: 1), 0, 60)));
        var team = await StartTeam();

        var receipts = await Applied(team, 120);

        receipts.Select(receipt => receipt.Xid).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Should_apply_an_event_that_comes_twice_in_one_batch_once()
    {
        var record = Outgoing(new ParcelSent("RMA-1", 1));
        await Broker.Publish(Messaging.Topic, [record, record, Outgoing(new ParcelSent("RMA-1", 2)), record], CancellationToken.None);

        ShouldBeOnceEach(await Applied(await StartTeam(), 2), Parcels("RMA-1", 1, 2));
    }

    [Fact]
    public async Task Should_not_react_to_traditional_events_unless_it_only_watches()
    {
        await Publish(Parcels("RMA-1", 0, 3), Coordination.Traditional);
        await Publish(Parcels("RMA-1", 3, 3));

        ShouldBeOnceEach(await Applied(await StartTeam(), 3), Parcels("RMA-1", 3, 3));
    }

    [Fact]
    public async Task Should_show_traditional_events_to_who_watches()
    {
        await Publish(Parcels("RMA-1", 0, 3), Coordination.Traditional);
        ShouldBeOnceEach(await Applied(await StartTeam(Messaging with { Traditional = true }), 3), Parcels("RMA-1", 0, 3));
    }

    [Fact]
    public async Task Should_pass_correlation_and_trace_on_and_name_the_cause()
    {
        var record = Outgoing(new ParcelSent("RMA-1", 1, Acknowledge: true));
        var cause = CloudEvent.Read(record.Value, new EventTypes(ParcelDb.Contracts));
        // The one behind it must not inherit anything of the one before.
        await Broker.Publish(Messaging.Topic, [record, Outgoing(new ParcelSent("RMA-1", 2, Acknowledge: true))], CancellationToken.None);
        var team = await StartTeam();
        await Eventually.Within(Limit, async () => (await team.Events()).Count == 2, "the answers");

        var (answer, other) = ((await team.Events())[0], (await team.Events())[1]);
        answer.Type.ShouldBe("ese.parcels.parcel-received.v1");
        answer.CorrelationId.ShouldBe(cause.CorrelationId);
        answer.CausationId.ShouldBe(cause.Id.ToString());
        answer.TraceParent.ShouldBe(cause.TraceParent);
        other.CausationId.ShouldNotBe(answer.CausationId);
    }

    [Fact]
    public async Task Should_go_past_events_nobody_here_consumes()
    {
        var team = await StartTeam();
        await team.Send(Parcels("RMA-1", 0, 5, acknowledge: true));

        await Applied(team, 5);
        await Eventually.Within(Limit, End, end => end == 10, "the answers, which come back to their own publisher");
        await CaughtUp();
        (await team.Receipts()).Count.ShouldBe(5);
    }

    [Fact]
    public async Task Should_share_the_work_between_two_replicas_and_apply_each_event_once()
    {
        var (one, oneScript) = (0, new Script());
        var (two, twoScript) = (0, new Script());
        oneScript.Before = (_, _) => Count(ref one);
        twoScript.Before = (_, _) => Count(ref two);
        var first = await StartTeam(Messaging with { Script = oneScript });
        await StartTeam(Messaging with { Script = twoScript });
        var parcels = new List<ParcelSent>();

        await Eventually.Within(Limit, async () =>
        {
            var some = Enumerable.Range(0, 40).Select(key => new ParcelSent($"RMA-{key}", parcels.Count)).ToList();
            parcels.AddRange(some);
            await first.Send(some);
            return Volatile.Read(ref one) > 0 && Volatile.Read(ref two) > 0;
        }, "both replicas to take part");

        ShouldBeOnceEach(await Applied(first, parcels.Count), parcels);

        static Task Count(ref int counter)
        {
            Interlocked.Increment(ref counter);
            return Task.CompletedTask;
        }
    }
}
