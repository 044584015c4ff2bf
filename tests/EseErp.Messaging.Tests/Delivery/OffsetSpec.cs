using EseErp.EventStore;

namespace EseErp.Messaging.Tests;

/// <summary>The group's offsets move with what is applied, and with nothing else.</summary>
public abstract class OffsetSpec(TestDatabases databases, IServiceEngine? engine = null) : DeliverySpec(databases, engine)
{
    [Fact]
    public async Task Should_move_nothing_when_the_transaction_of_a_batch_fails()
    {
        var (broken, attempts) = (true, 0);
        await Publish(Parcels("RMA-1", 0, 10));
        var team = await StartTeam(Messaging with
        {
            Consumers = topic => topic.Runs<PatientWhenParcelSent>(),
            Script = new Script
            {
                // Whatever comes fails, so that nothing is parked either.
                Sql = _ =>
                {
                    if (!Volatile.Read(ref broken)) return null;
                    Interlocked.Increment(ref attempts);
                    return "select * from nowhere";
                },
            },
        });
        await Eventually.Within(Limit, () => Task.FromResult(Volatile.Read(ref attempts) >= 4), "it to be tried again and again");

        (await Lag()).ShouldBe(10);
        (await Ask<long>("select count(*) from ese.group_offsets where next_offset > 0")).ShouldBe(0);
        (await Ask<long>("select count(*) from ese.inbox")).ShouldBe(0);
        (await team.Receipts()).ShouldBeEmpty();

        Volatile.Write(ref broken, false);
        ShouldBeOnceEach(await Applied(team, 10), Parcels("RMA-1", 0, 10));
    }

    [Theory]
    [InlineData(0)] // Back to the beginning: what was applied stops at the inbox.
    [InlineData(10)] // Past what is in hand: that is not applied here any more.
    public async Task Should_refuse_the_whole_batch_of_a_member_whose_offset_somebody_else_has_moved_and_go_on_from_there(int next)
    {
        var key = KeyOfLane(0);
        var (reached, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var begun = 0;
        var team = await StartTeam(Messaging with
        {
            Script = new Script
            {
                Before = async (parcel, _) =>
                {
                    if (parcel.Number != 5) return;
                    Interlocked.Increment(ref begun);
                    reached.TrySetResult();
                    await goOn.Task;
                },
            },
        });
        await Publish(Parcels(key, 0, 5));
        await Applied(team, 5);
        await Publish(Parcels(key, 5, 5));
        await reached.Task.WaitAsync(Limit);

        await Databases.Server.Execute(
            $"update ese.group_offsets set next_offset = {next} where topic = '{Messaging.Topic}' and partition = 0", new Npgsql.NpgsqlConnectionStringBuilder(Database).Database);
        goOn.SetResult();
        await Publish(Parcels(key, 10, 3));

        var expected = next == 0 ? Parcels(key, 0, 13) : Parcels(key, 0, 5).Concat(Parcels(key, 10, 3));
        ShouldBeOnceEach(await Applied(team, expected.Count()), expected);
        begun.ShouldBe(next == 0 ? 2 : 1);
    }

    [Fact]
    public async Task Should_pass_over_what_nobody_here_consumes_without_a_transaction_and_store_that_within_seconds()
    {
        await StartTeam(Messaging with { Publishes = false });
        await Eventually.Within(Limit, () => Broker.HasMembers(Messaging.Group, CancellationToken.None), "the team to be in its group");

        for (var round = 0; round < 20; round++)
        {
            await Broker.Publish(Messaging.Topic, Enumerable.Range(0, 10).Select(number => Received($"RMA-{number}", round)).ToList(), CancellationToken.None);
            // Each comes in a batch of its own.
            await Task.Yield();
        }

        await Eventually.Within(TimeSpan.FromSeconds(8), Lag, lag => lag == 0, "how far it is to be stored");
        (await Ask<long>("select count(*) from ese.inbox")).ShouldBe(0);
        (await Ask<long>("select count(*) from ese.inbox_days")).ShouldBe(0);
        // All partitions are stored in one, about once a second.
        (await Ask<long>("select count(distinct xmin::text) from ese.group_offsets")).ShouldBeInRange(1, 3);
    }

    [Fact]
    public async Task Should_start_at_the_newest_record_where_the_subscription_says_so_and_then_go_on_from_where_it_was()
    {
        await Publish(Parcels("RMA-1", 0, 10));
        var messaging = Messaging with { From = StartFrom.Newest };
        var team = await StartTeam(messaging);
        await Eventually.Within(Limit, () => Broker.HasMembers(Messaging.Group, CancellationToken.None), "the team to be in its group");
        await Publish(Parcels("RMA-1", 10, 5));
        ShouldBeOnceEach(await Applied(team, 5), Parcels("RMA-1", 10, 5));

        await team.DisposeAsync();
        await Publish(Parcels("RMA-1", 15, 3));
        team = await StartTeam(messaging);
        ShouldBeOnceEach(await Applied(team, 8), Parcels("RMA-1", 10, 8));
        (await Lag()).ShouldBe(0);
    }

    private static OutgoingRecord Received(string returnId, int number) => new(returnId, CloudEvent.Write(
        new RecordedEvent(
            0, returnId, 1, Guid.CreateVersion7(), "ese.parcels.parcel-received.v1", returnId, DateTimeOffset.UtcNow, "correlation", null, Coordination.Event, null,
            $$"""{"returnId":"{{returnId}}","number":{{number}}}"""),
        "/elsewhere"));
}
