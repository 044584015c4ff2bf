using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Messaging.Tests;

/// <summary>An event that takes long keeps its own key waiting, and nothing else.</summary>
public abstract class SlowMessageSpec(TestDatabases databases, IServiceEngine? engine = null) : DeliverySpec(databases, engine)
{
    // Much for a machine that is busy, and less than one statement may take.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Should_let_the_lane_go_on_beside_slow_events_with_the_settings_that_services_have()
    {
        var (good, slow) = (KeyOfLane(0), Enumerable.Range(1, 3).Select(skip => KeyOfLane(0, skip)).ToList());
        var team = await StartTeam(AsServices with { Workers = 1, Script = Sleeping(slow) });
        await Publish(Parcels(good, 0, 1));
        await Applied(team, 1);

        await Publish([.. Parcels(good, 1, 100), .. Parcels(slow[0], 0, 2), .. Parcels(good, 101, 50), .. Parcels(slow[1], 0, 1), .. Parcels(slow[2], 0, 1), .. Parcels(good, 151, 49)]);

        await Eventually.Within(Soon, async () => (await team.Receipts()).Count, count => count == 200, "the others");
        (await Ask<long>("select count(*) from ese.retries")).ShouldBe(4);
        // And so do those that come while the slow ones are tried.
        await Publish(Parcels(good, 200, 100));
        await Eventually.Within(Soon, async () => (await team.Receipts()).Count, count => count == 300, "those that come later");
        ShouldBeOnceEach(await team.Receipts(), Parcels(good, 0, 300));
        (await Letters(team)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Should_try_an_event_again_in_time_whatever_else_is_slow()
    {
        var (flaky, slow) = (KeyOfLane(0), Enumerable.Range(1, 4).Select(skip => KeyOfLane(0, skip)).ToList());
        var failures = 2;
        var script = Sleeping(slow);
        script.Before = (parcel, _) => parcel.ReturnId == flaky && Interlocked.Decrement(ref failures) >= 0 ? throw new InvalidOperationException("a bug") : Task.CompletedTask;
        var team = await StartTeam(AsServices with { Workers = 1, Script = script });
        await Publish(slow.SelectMany(key => Parcels(key, 0, 1)));
        await Eventually.Within(Limit, () => Ask<long>("select count(*) from ese.retries where slow and attempts > 0"), count => count > 0, "the slow ones to be tried");

        await Publish(Parcels(flaky, 0, 1));

        await Eventually.Within(Soon, async () => (await team.Receipts()).Count, count => count == 1, "the one that failed twice");
    }

    [Fact]
    public async Task Should_give_up_an_event_that_is_too_slow_each_time_and_say_so()
    {
        var (good, slow) = (KeyOfLane(0), KeyOfLane(0, skip: 1));
        await Publish([.. Parcels(slow, 0, 2), .. Parcels(good, 0, 10)]);

        var team = await StartTeam(Hasty with { Script = Sleeping([slow]) });

        ShouldBeOnceEach(await Applied(team, 10), Parcels(good, 0, 10));
        var letters = await Letters(team);
        letters.Select(letter => (letter.Reason, letter.Attempts)).ShouldBe([(DeadLetterReason.Exhausted, ImpatientWhenParcelSent.Attempts), (DeadLetterReason.Behind, 0)]);
        letters[0].Error.ShouldBe("It took longer than 2 s.");
    }

    [Fact]
    public async Task Should_find_the_event_whose_writes_are_slow_when_the_batch_commits()
    {
        var (good, slow) = (KeyOfLane(0), KeyOfLane(0, skip: 1));
        var team = await StartTeam(Hasty);
        await Ask<bool>($"""
            create function doze() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return new; end $$;
            create trigger doze before insert on receipts for each row when (new.return_id = '{slow}') execute function doze();
            select true
            """);

        await Publish([.. Parcels(good, 0, 20), .. Parcels(slow, 0, 1), .. Parcels(good, 20, 20)]);

        ShouldBeOnceEach(await Applied(team, 40), Parcels(good, 0, 40));
        (await Letters(team)).Select(letter => (letter.Key, letter.Reason)).ShouldBe([(slow, DeadLetterReason.Exhausted)]);
    }

    [Fact]
    public async Task Should_not_blame_those_that_wait_for_what_a_slow_one_holds()
    {
        var (waiting, slow) = (Enumerable.Range(0, 5).Select(skip => KeyOfLane(0, skip)).ToList(), Enumerable.Range(5, 3).Select(skip => KeyOfLane(0, skip)).ToList());
        const string take = "update shelves set stock = stock + 1 where sku = 'SKU-1'";
        var team = await StartTeam(Hasty with
        {
            Script = new Script { Sql = parcel => parcel.Number < 0 ? null : slow.Contains(parcel.ReturnId) ? $"{take}; select pg_sleep(60)" : take },
        });
        await Ask<long>("with shelf as (insert into shelves (sku, stock) values ('SKU-1', 0) returning 1) select count(*) from shelf");

        await Publish([.. slow.SelectMany(key => Parcels(key, 0, 1)), .. waiting.SelectMany(key => Parcels(key, 0, 1))]);

        ShouldBeOnceEach(await Applied(team, 5), waiting.SelectMany(key => Parcels(key, 0, 1)));
        (await Letters(team)).Select(letter => letter.Key).Order().ShouldBe(slow.Order());
    }

    [Fact]
    public async Task Should_work_on_one_event_of_a_key_at_a_time_whatever_its_topic()
    {
        var (good, slow) = (KeyOfLane(0), KeyOfLane(0, skip: 1));
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (entered, atOnce, most) = (0, 0, 0);
        var other = $"{Messaging.Topic}-other";
        var team = await StartTeam(Messaging with
        {
            OtherTopic = other,
            Options = new Dictionary<string, string> { ["AttemptLimit"] = "00:01:00" },
            Script = new Script
            {
                Before = async (parcel, token) =>
                {
                    if (parcel.ReturnId != slow) return;
                    most = Math.Max(most, Interlocked.Increment(ref atOnce));
                    Interlocked.Increment(ref entered);
                    try
                    {
                        if (parcel.Number == 0) await release.Task.WaitAsync(token);
                    }
                    finally
                    {
                        Interlocked.Decrement(ref atOnce);
                    }
                },
            },
        });
        await Publish(Parcels(slow, 0, 1));
        await Eventually.Within(Limit, () => Task.FromResult(Volatile.Read(ref entered)), count => count >= 2, "it to be applied by itself");

        await Broker.Publish(other, [Outgoing(new ParcelSent(slow, 1)), .. Parcels(good, 0, 50).Select(parcel => Outgoing(parcel))], CancellationToken.None);

        await Eventually.Within(Soon, async () => (await team.Receipts()).Count, count => count == 50, "the others");
        (await Ask<long>("select count(*) from ese.retries")).ShouldBe(2, "the one of the other topic waits as well");
        release.SetResult();
        await Eventually.Within(Limit, async () => (await team.Receipts()).Count, count => count == 52, "both");
        (await team.Receipts()).TakeLast(2).Select(receipt => receipt.Number).ShouldBe([0, 1]);
        most.ShouldBe(1);
    }

    private TeamMessaging AsServices => Messaging with { Options = new Dictionary<string, string>() };

    private TeamMessaging Hasty => Messaging with
    {
        Consumers = topic => topic.Runs<ImpatientWhenParcelSent>(), Options = new Dictionary<string, string> { ["AttemptLimit"] = "00:00:02" },
    };

    private static Script Sleeping(IReadOnlyCollection<string> keys) => new()
    {
        Sql = parcel => keys.Contains(parcel.ReturnId) && parcel.Number == 0 ? "select pg_sleep(60)" : null,
    };

    private static Task<IReadOnlyList<DeadLetter>> Letters(Team team) =>
        team.Services.GetRequiredService<DeadLetters>().List(new DeadLetterFilter(), 100, CancellationToken.None);
}
