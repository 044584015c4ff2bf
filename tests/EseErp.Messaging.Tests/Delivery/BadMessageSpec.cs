using System.Collections.Concurrent;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>One bad message harms its own key only, and what strikes all of them harms none.</summary>
public abstract class BadMessageSpec(TestDatabases databases, IServiceEngine? engine = null) : DeliverySpec(databases, engine)
{
    // A fraction of the minute that the bad one waits.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private static readonly HttpClient Http = new();

    [Fact]
    public async Task Should_not_let_another_key_of_the_lane_wait_while_an_event_waits_for_its_next_attempt()
    {
        var (bad, good) = (KeyOfLane(0), KeyOfLane(0, skip: 1));
        await Publish(Parcels(bad, 0, 2));
        var team = await StartTeam(Messaging with { Workers = 1, Consumers = Slow, Script = Failing(bad, 0) });
        await Eventually.Within(Limit, async () => await Retrying() == 2, "it to wait with what is behind it");

        await Publish(Parcels(good, 0, 300));

        await Eventually.Within(Soon, async () => (await team.Receipts()).Count, count => count == 300, "the others");
        (await Positions()).Sum(position => position.Lag).ShouldBe(2, "what is tried again counts");
        (await Consumers(team)).Sum(position => position.Retrying).ShouldBe(2);
    }

    [Fact]
    public async Task Should_count_attempts_over_restarts()
    {
        var (bad, good) = (KeyOfLane(0), KeyOfLane(1));
        var attempts = 0;
        await Publish([.. Parcels(bad, 0, 2), .. Parcels(good, 0, 1)]);
        for (var start = 1; start < SlowWhenParcelSent.Attempts; start++)
        {
            var team = await StartTeam(Messaging with { Consumers = Slow, Script = Failing(bad, 0, () => Interlocked.Increment(ref attempts)) });
            await Eventually.Within(Limit, () => Ask<bool>($"select coalesce(max(attempts), 0) = {start} and max(next_at) > now() + interval '30 s' from ese.retries"), $"attempt {start}");
            await team.DisposeAsync();
            await Ask<long>("with due as (update ese.retries set next_at = now() returning 1) select count(*) from due");
        }

        var last = await StartTeam(Messaging with { Consumers = Slow, Script = Failing(bad, 0, () => Interlocked.Increment(ref attempts)) });

        await CaughtUp();
        var letters = await Letters(last);
        letters.Select(letter => (letter.Reason, letter.Attempts)).ShouldBe([(DeadLetterReason.Exhausted, SlowWhenParcelSent.Attempts), (DeadLetterReason.Behind, 0)]);
        letters.Select(letter => letter.Offset).ShouldBe([0L, 1L]);
        ShouldBeOnceEach(await last.Receipts(), Parcels(good, 0, 1));
    }

    [Fact]
    public async Task Should_set_aside_an_event_that_ends_the_process_each_time()
    {
        var (bad, sameLane, otherLane) = (KeyOfLane(0), KeyOfLane(0, skip: 1), KeyOfLane(1));
        await Publish([.. Parcels(sameLane, 0, 5), .. Parcels(bad, 0, 2), .. Parcels(sameLane, 5, 5), .. Parcels(otherLane, 0, 5)]);
        // As far as the database can see, a process that is stopped in the middle has ended.
        for (var start = 1; start <= 10; start++)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var team = await StartTeam(Messaging with
            {
                Script = new Script
                {
                    Before = async (parcel, token) =>
                    {
                        if (parcel.ReturnId != bad || parcel.Number != 0) return;
                        reached.TrySetResult();
                        await Task.Delay(Timeout.Infinite, token);
                    },
                },
            });
            var done = CaughtUp();
            if (await Task.WhenAny(reached.Task, done) == done)
            {
                start.ShouldBeInRange(3, 8, "it takes some ends to tell");
                var letters = await Letters(team);
                letters.Select(letter => letter.Reason).ShouldBe([DeadLetterReason.Exhausted, DeadLetterReason.Behind]);
                letters[0].Error.ShouldContain("process ended");
                ShouldBeOnceEach(await team.Receipts(), [.. Parcels(sameLane, 0, 10), .. Parcels(otherLane, 0, 5)]);
                return;
            }

            await team.DisposeAsync();
        }

        Assert.Fail("It ends the process for ever.");
    }

    [Fact]
    public async Task Should_blame_an_event_whose_statement_takes_too_long_and_apply_the_others()
    {
        var (bad, good) = (KeyOfLane(0), KeyOfLane(0, skip: 1));
        await Publish([.. Parcels(good, 0, 5), .. Parcels(bad, 0, 2), .. Parcels(good, 5, 5)]);
        var team = await StartTeam(
            Messaging with
            {
                Consumers = Impatient,
                Script = new Script { Sql = parcel => parcel.ReturnId == bad && parcel.Number == 0 ? "select pg_sleep(60)" : null },
            },
            new NpgsqlConnectionStringBuilder(Database) { CommandTimeout = 1 }.ConnectionString);

        ShouldBeOnceEach(await Applied(team, 10), Parcels(good, 0, 10));
        (await Letters(team)).Select(letter => letter.Reason).ShouldBe([DeadLetterReason.Exhausted, DeadLetterReason.Behind]);
    }

    [Fact]
    public async Task Should_blame_an_event_that_ends_each_session_that_works_on_it()
    {
        var (bad, good) = (KeyOfLane(0), KeyOfLane(0, skip: 1));
        await Publish([.. Parcels(good, 0, 5), .. Parcels(bad, 0, 1), .. Parcels(good, 5, 5)]);
        var team = await StartTeam(Messaging with
        {
            Consumers = Impatient,
            Script = new Script { Sql = parcel => parcel.ReturnId == bad ? "select pg_terminate_backend(pg_backend_pid())" : null },
        });

        ShouldBeOnceEach(await Applied(team, 10), Parcels(good, 0, 10));
        (await Letters(team)).Select(letter => letter.Reason).ShouldBe([DeadLetterReason.Exhausted]);
    }

    [Fact]
    public async Task Should_find_the_bad_one_of_a_batch_by_halves()
    {
        var bad = KeyOfLane(0, skip: 200);
        var others = Enumerable.Range(0, 200).Select(skip => new ParcelSent(KeyOfLane(0, skip), 0)).ToList();
        await Publish([.. others[..120], new ParcelSent(bad, 0), .. others[120..]]);

        var team = await StartTeam(Messaging with { Consumers = Slow, Script = Failing(bad, 0) });

        await Eventually.Within(Limit, async () => (await team.Receipts()).Count, count => count == 200, "the others");
        (await team.Receipts()).Select(receipt => receipt.Xid).Distinct().Count().ShouldBeLessThan(12);
    }

    [Fact]
    public async Task Should_stand_still_say_so_and_lose_nothing_while_whatever_comes_fails()
    {
        var parcels = Enumerable.Range(0, 40).Select(number => new ParcelSent($"RMA-{number}", 0)).ToList();
        var attempts = 0;
        var team = await StartTeam(Messaging with
        {
            Consumers = Impatient,
            Script = new Script
            {
                Before = (_, _) =>
                {
                    Interlocked.Increment(ref attempts);
                    return Task.CompletedTask;
                },
            },
        });
        await Publish(parcels[..20]);
        await Applied(team, 20);
        await Execute("alter table receipts rename column number to gone");

        await Publish(parcels[20..]);

        await Eventually.Within(Limit, async () => (await Consumers(team)).Any(position => position.PausedSince is not null), "it to stand still");
        (await Consumers(team)).Select(position => position.PauseReason).Distinct().ShouldHaveSingleItem()!.ShouldContain("42703");
        (await Health(team)).Status.ShouldBe(HealthStatus.Unhealthy);
        (await Health(team)).Description!.ShouldContain("number");
        var before = Volatile.Read(ref attempts);
        await Eventually.Within(Limit, () => Task.FromResult(Volatile.Read(ref attempts) > before + (3 * ImpatientWhenParcelSent.Attempts)), "more attempts than one has");
        (await Letters(team)).ShouldBeEmpty();
        (await Retrying()).ShouldBe(0);

        await Execute("alter table receipts rename column gone to number");

        ShouldBeOnceEach(await Applied(team, 40), parcels);
        (await Letters(team)).ShouldBeEmpty();
        (await Consumers(team)).ShouldAllBe(position => position.PausedSince == null && position.PauseReason == null);
        (await Health(team)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Should_stand_still_and_say_so_while_what_fails_cannot_be_set_aside(bool isEvent)
    {
        var (bad, good) = (KeyOfLane(0), KeyOfLane(0, skip: 1));
        var team = await StartTeam(Messaging with { Consumers = Impatient, Script = Failing(bad, 0) });
        await Publish(Parcels(good, 0, 1));
        await Applied(team, 1);
        // Nothing can be written there, as on a full disk.
        await Execute("alter table ese.dead_letters rename column error to gone; alter table ese.retries rename column error to gone");

        if (isEvent) await Publish(Parcels(bad, 0, 1));
        else await Broker.Publish(Messaging.Topic, [new OutgoingRecord(bad, "not JSON at all"u8.ToArray())], CancellationToken.None);
        await Publish(Parcels(good, 1, 5));

        await Eventually.Within(Limit, async () => (await Consumers(team)).Any(position => position.PausedSince is not null), "it to stand still");
        (await Consumers(team))[0].PauseReason!.ShouldContain("42703");
        (await Health(team)).Status.ShouldBe(HealthStatus.Unhealthy);
        var since = TimeProvider.System.GetTimestamp();
        await Eventually.Within(Limit, () => Task.FromResult(TimeProvider.System.GetElapsedTime(since)), elapsed => elapsed > TimeSpan.FromSeconds(3), "some time to pass");
        lock (team.Failures) team.Failures.Count.ShouldBeLessThan(4, "it is said once and tried again after pauses");

        await Execute("alter table ese.dead_letters rename column gone to error; alter table ese.retries rename column gone to error");

        ShouldBeOnceEach(await Applied(team, 6), Parcels(good, 0, 6));
        await Eventually.Within(Limit, () => Letters(team), letters => letters.Count == 1, "it to be set aside");
        (await Consumers(team)).ShouldAllBe(position => position.PausedSince == null);
    }

    [Fact]
    public async Task Should_blame_an_event_that_asks_for_what_is_not_there_when_others_of_its_type_succeed()
    {
        var (bad, good) = (KeyOfLane(0), KeyOfLane(1));
        await Publish(Parcels(bad, 0, 1));
        var team = await StartTeam(Messaging with
        {
            Consumers = Impatient,
            Script = new Script { Sql = parcel => parcel.ReturnId == bad ? "select * from nowhere" : null },
        });
        await Eventually.Within(Limit, async () => (await Consumers(team)).Any(position => position.PausedSince is not null), "it to stand still");

        await Publish(Parcels(good, 0, 1));

        await Eventually.Within(Limit, async () => (await Letters(team)).Count, count => count == 1, "it to be dead");
        (await Consumers(team)).ShouldAllBe(position => position.PausedSince == null);
        ShouldBeOnceEach(await team.Receipts(), Parcels(good, 0, 1));
    }

    private static void Slow(TopicSubscriptions topic) => topic.Runs<SlowWhenParcelSent>();

    private static void Impatient(TopicSubscriptions topic) => topic.Runs<ImpatientWhenParcelSent>();

    private static Script Failing(string returnId, int number, Action? each = null) => new()
    {
        Before = (parcel, _) =>
        {
            if (parcel.ReturnId != returnId || parcel.Number != number) return Task.CompletedTask;
            each?.Invoke();
            throw new InvalidOperationException("a bug");
        },
    };

    private Task<long> Retrying() => Ask<long>("select count(*) from ese.retries");

    private async Task Execute(string sql) => await Ask<bool>($"do $$ begin {sql}; end $$; select true");

    private static async Task<IReadOnlyList<DeadLetterView>> Letters(Team team) =>
        (await Http.GetFromJsonAsync<ServiceDefaults.Page<DeadLetterView>>(new Uri(team.Address, "/dead-letters?limit=100")))!.Items;

    private static async Task<List<GroupPosition>> Consumers(Team team) => (await Http.GetFromJsonAsync<List<GroupPosition>>(new Uri(team.Address, "/consumers")))!;

    private static async Task<HealthReportEntry> Health(Team team) =>
        (await team.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "consumers")).Entries["consumers"];
}
