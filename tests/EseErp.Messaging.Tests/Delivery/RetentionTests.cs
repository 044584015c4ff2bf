using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>The inbox forgets in time, and never what may come again.</summary>
public sealed class RetentionTests(TestDatabases databases) : DeliverySpec(databases)
{
    private readonly ShiftedClock _clock = new();

    [Theory]
    [InlineData("7.00:00:00", "7.00:00:00")]
    [InlineData("7.00:00:00", "8.23:59:59")]
    [InlineData("30.00:00:00", "14.00:00:00")]
    [InlineData("00:00:00", "14.00:00:00")]
    public async Task Should_not_start_with_an_inbox_that_forgets_before_the_broker_does(string broker, string inbox)
    {
        var failure = await Should.ThrowAsync<OptionsValidationException>(() => StartTeam(Messaging with
        {
            Options = new Dictionary<string, string> { ["BrokerRetention"] = broker, ["InboxRetention"] = inbox },
        }));

        failure.Message.ShouldContain("Ese:Messaging:InboxRetention must exceed Ese:Messaging:BrokerRetention by at least 2 days");
    }

    [Fact]
    public async Task Should_drop_a_day_of_which_nothing_has_come_for_the_inbox_retention_and_not_before()
    {
        var team = await StartTeam(Messaging with { Clock = _clock });
        await Publish(Parcels("RMA-1", 0, 5));
        await Applied(team, 5);
        await Databases.Age(Messaging.Topic, days: 10);

        await Pass(days: 13.9);
        await LetGo(team);
        (await InboxEntries()).ShouldBe(5);

        await Pass(days: 0.2);
        await LetGo(team);
        (await InboxDays()).ShouldBe(0);
    }

    [Fact]
    public async Task Should_keep_what_the_broker_may_deliver_again_however_old_it_is()
    {
        var team = await StartTeam(Messaging with { Clock = _clock });
        await Publish(Parcels("RMA-1", 0, 5));
        await Applied(team, 5);
        // A broker that keeps more than it should: set up otherwise, or nobody was there to have it drop anything.
        await Databases.SetRetention(1000);
        try
        {
            await Databases.Age(Messaging.Topic, days: 100);
            await Pass(days: 100);
            await LetGo(team);
            await team.DisposeAsync();

            await SendToBeginning();
            (await Lag()).ShouldBe(5);
            var again = await StartTeam(Messaging with { Clock = _clock });

            await CaughtUp();
            ShouldBeOnceEach(await again.Receipts(), Parcels("RMA-1", 0, 5));
        }
        finally
        {
            await Databases.SetRetention(7);
        }
    }

    [Fact]
    public async Task Should_apply_once_an_event_that_is_older_than_the_inbox_retention_when_it_first_comes()
    {
        var team = await StartTeam(Messaging with { Clock = _clock });
        var old = Parcels("RMA-1", 0, 5).Select(parcel => Outgoing(parcel, time: DateTimeOffset.UtcNow.AddDays(-100))).ToList();
        await Broker.Publish(Messaging.Topic, old, CancellationToken.None);
        await Applied(team, 5);
        await LetGo(team);
        await team.DisposeAsync();

        await SendToBeginning();
        var again = await StartTeam(Messaging with { Clock = _clock });

        await CaughtUp();
        ShouldBeOnceEach(await again.Receipts(), Parcels("RMA-1", 0, 5));
    }

    [Fact]
    public async Task Should_apply_an_event_of_a_day_that_was_dropped_by_another_replica()
    {
        var day = DateTimeOffset.UtcNow.AddDays(-3);
        var team = await StartTeam(Messaging with { Clock = _clock });
        await Broker.Publish(Messaging.Topic, [Outgoing(new ParcelSent("RMA-1", 0), time: day)], CancellationToken.None);
        await Applied(team, 1);
        await Databases.Age(Messaging.Topic, days: 20);

        await Pass(days: 20);
        await using (var other = await Team.Start(Database, Messaging with { Clock = _clock })) await LetGo(other);
        (await InboxDays()).ShouldBe(0);
        await Broker.Publish(Messaging.Topic, [Outgoing(new ParcelSent("RMA-1", 1), time: day)], CancellationToken.None);

        ShouldBeOnceEach(await Applied(team, 2), Parcels("RMA-1", 0, 2));
        team.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Should_keep_a_day_as_long_as_something_of_it_comes()
    {
        var day = DateTimeOffset.UtcNow.AddDays(-3);
        var team = await StartTeam(Messaging with { Clock = _clock });
        for (var number = 0; number < 4; number++)
        {
            await Broker.Publish(Messaging.Topic, [Outgoing(new ParcelSent("RMA-1", number), time: day)], CancellationToken.None);
            await Applied(team, number + 1);
            await Pass(days: 6);
        }

        await Databases.Age(Messaging.Topic, days: 20);
        await LetGo(team);

        (await InboxEntries()).ShouldBe(4);
    }

    [Fact]
    public async Task Should_let_go_when_a_service_starts_and_every_hour()
    {
        await using (var team = await StartTeam(Messaging with { Clock = _clock }))
        {
            await Publish(Parcels("RMA-1", 0, 5));
            await Applied(team, 5);
        }

        await Databases.Age(Messaging.Topic, days: 20);
        await Pass(days: 20);
        var again = await StartTeam(Messaging with { Clock = _clock });
        await Eventually.Within(Limit, InboxDays, days => days == 0, "the inbox to be pruned at start");
        (await Broker.HoldsRecordsBefore(DateTimeOffset.UtcNow.AddDays(1), [Messaging.Topic], CancellationToken.None)).ShouldBeFalse("the broker has dropped its old days");

        await Publish(Parcels("RMA-1", 5, 5));
        await Applied(again, 10);
        (await InboxDays()).ShouldBe(1);
        await Databases.Age(Messaging.Topic, days: 20);
        await Pass(days: 20);
        _clock.Tick(TimeSpan.FromHours(1));
        await Eventually.Within(Limit, InboxDays, days => days == 0, "the inbox to be pruned an hour later");
    }

    [Theory]
    [InlineData(7 * 24)]
    [InlineData(-1)]
    public async Task Should_forget_by_the_databases_time_whatever_its_own_clock_says(int hoursAhead)
    {
        var team = await StartTeam(Messaging with { Clock = _clock });
        await Publish(Parcels("RMA-1", 0, 5));
        await Applied(team, 5);
        await Databases.Age(Messaging.Topic, days: 10);
        _clock.Set(TimeSpan.FromHours(hoursAhead));
        await Pass(days: 13.9);

        await LetGo(team);
        (await InboxEntries()).ShouldBe(5, "an hour or a week too early is too early");

        // What arrives now is noted by the database's time as well.
        await Publish(Parcels("RMA-1", 5, 1));
        await Applied(team, 6);
        (await Ask<bool>("select bool_and(last_arrival between now() - interval '1 minute' and now()) from ese.inbox_days")).ShouldBeTrue();

        await Pass(days: 14.1);
        await Databases.Age(Messaging.Topic, days: 10);
        await LetGo(team);
        (await InboxDays()).ShouldBe(0);
    }

    [Fact]
    public async Task Should_note_an_arrival_again_when_an_hour_has_passed_although_the_clock_was_set_back()
    {
        var team = await StartTeam(Messaging with { Clock = _clock });
        await Publish(Parcels("RMA-1", 0, 1));
        await Applied(team, 1);
        _clock.Set(TimeSpan.FromHours(-1));
        await Pass(days: 0.05);

        await Publish(Parcels("RMA-1", 1, 1));
        await Applied(team, 2);

        (await Ask<bool>("select bool_and(last_arrival > now() - interval '1 minute') from ese.inbox_days")).ShouldBeTrue();
    }

    /// <summary>Lets time pass: what was noted is older then, and the service has counted as much.</summary>
    private async Task Pass(double days)
    {
        _clock.Pass(TimeSpan.FromDays(days));
        await Ask<long>(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"with aged as (update ese.inbox_days set last_arrival = last_arrival - interval '{days} days' returning 1) select count(*) from aged"));
    }

    private static Task LetGo(Team team) => team.Services.GetRequiredService<Retention>().Apply(CancellationToken.None);

    private Task<long> InboxEntries() => Count("select count(*) from ese.inbox");

    private Task<long> InboxDays() => Count("select count(*) from pg_inherits where inhparent = 'ese.inbox'::regclass");

    private async Task<long> Count(string sql)
    {
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The machine's clock, which can be set and made to pass, with timers that can be made to fire.</summary>
    private sealed class ShiftedClock : TimeProvider
    {
        private readonly List<(TimeSpan Period, TimerCallback Callback, object? State)> _timers = [];
        private TimeSpan _shift;
        private TimeSpan _passed;

        /// <summary>Sets the clock; no time passes.</summary>
        public void Set(TimeSpan by) => _shift += by;

        /// <summary>Time passes.</summary>
        public void Pass(TimeSpan time) => (_shift, _passed) = (_shift + time, _passed + time);

        /// <summary>Fires all timers of a period.</summary>
        public void Tick(TimeSpan period)
        {
            lock (_timers)
                foreach (var timer in _timers.Where(timer => timer.Period == period)) timer.Callback(timer.State);
        }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _shift;

        public override long GetTimestamp() => base.GetTimestamp() + (long)(_passed.TotalSeconds * TimestampFrequency);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (_timers) _timers.Add((period, callback, state));
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
