using EseErp.EventStore;
using EseErp.ServiceDefaults;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static EseErp.Messaging.Tests.EventStoreFixture;

namespace EseErp.Messaging.Tests;

public sealed class LogReadingTests(EventStoreFixture store) : IClassFixture<EventStoreFixture>
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("ese.sales.*", new[] { "ese.sales.a.v1", "ese.sales.b_c.v1" })]
    [InlineData("ese.sales.a.v1", new[] { "ese.sales.a.v1" })]
    [InlineData("ese.sales.b_c.*", new[] { "ese.sales.b_c.v1" })]
    [InlineData("ese.sales.b%", new string[0])]
    [InlineData("ese.sale\\s.*", new string[0])]
    [InlineData("ese.sales.", new string[0])]
    public async Task Should_read_by_type_pattern_and_take_wildcards_of_sql_literally(string pattern, string[] expected)
    {
        // The prefix keeps other tests' events out; it has neither star, underscore nor percent.
        var own = $"t{Guid.NewGuid():N}.";
        var stream = NewStream();
        string[] types = ["ese.sales.a.v1", "ese.sales.b_c.v1", "ese.salesXa.v1", "ese.inventory.a.v1"];
        await store.Append(stream, 0, types.Select(type => NewEvent(stream, own + type)).ToArray());
        await store.Append(stream, null, NewEvent(stream, own + "ese.salesXbXc.v1"));
        await WaitUntilReadable(own + "*", 5);

        var read = await store.Team.Log.Read(0, 100, own + pattern, CancellationToken.None);

        read.Select(e => e.Type[own.Length..]).ShouldBe(expected);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public async Task Should_neither_skip_nor_repeat_when_paging(int pageSize)
    {
        var type = $"t{Guid.NewGuid():N}.v1";
        for (var round = 0; round < 10; round++)
        {
            // Several streams and several events per transaction, so that a page can end in the middle of one.
            var stream = NewStream();
            await store.Append(stream, 0, Enumerable.Range(0, 5).Select(_ => NewEvent(stream, type)).ToArray());
        }

        await WaitUntilReadable(type, 50);

        var seen = new List<RecordedEvent>();
        while (true)
        {
            // The cursor goes through its text form, as it does for callers.
            LogCursor.TryParse(seen.Count == 0 ? null : LogCursor.Of(seen[^1].Position), out var after).ShouldBeTrue();
            var page = await store.Team.Log.Read(after, pageSize, type, CancellationToken.None);
            page.Count.ShouldBeLessThanOrEqualTo(pageSize);
            if (page.Count == 0) break;
            seen.AddRange(page);
        }

        seen.Count.ShouldBe(50);
        seen.Select(e => e.Position).ShouldBeUnique();
        seen.Select(e => e.Position).ShouldBeInOrder();
        foreach (var stream in seen.GroupBy(e => e.StreamId))
            stream.Select(e => e.StreamVersion).ShouldBe(Enumerable.Range(1, 5));
    }

    [Fact]
    public async Task Should_catch_up_and_then_follow_live()
    {
        var type = $"t{Guid.NewGuid():N}.v1";
        var stream = NewStream();
        await store.Append(stream, 0, NewEvent(stream, type), NewEvent(stream, type));
        using var limit = new CancellationTokenSource(Soon);
        await using var events = store.Team.Log.Follow(0, type, limit.Token).GetAsyncEnumerator(limit.Token);
        await Next(1);
        await Next(2);

        var next = Next(3);
        await store.Append(stream, 2, NewEvent(stream, type));
        await next;

        async Task Next(int version)
        {
            (await events.MoveNextAsync()).ShouldBeTrue();
            events.Current.StreamVersion.ShouldBe(version);
        }
    }

    [Fact]
    public async Task Should_go_on_behind_events_of_other_types_when_following()
    {
        var type = $"t{Guid.NewGuid():N}.v1";
        using var limit = new CancellationTokenSource(Soon);
        await using var events = store.Team.Log.Follow(0, type, limit.Token).GetAsyncEnumerator(limit.Token);
        var next = events.MoveNextAsync();
        // A transaction that began before and ends after the reader has passed events of later ones.
        await using var late = await DelayedAppend.Begin(store.Database, type);
        for (var round = 0; round < 20; round++)
        {
            var stream = NewStream();
            await store.Append(stream, 0, NewEvent(stream, "t.other.v1"));
            await store.Team.Log.Read(0, 1, type, CancellationToken.None);
        }

        await late.Commit();

        (await next).ShouldBeTrue();
        events.Current.StreamId.ShouldBe(late.Stream);
    }

    [Fact]
    public async Task Should_know_that_an_event_hides_behind_an_older_transaction()
    {
        // A service of its own, so that nothing else is appended.
        var database = await store.Databases.CreateDatabase();
        await using var team = await Team.Start(database);
        (await team.Log.Read(0, 10, CancellationToken.None)).IsBlocked.ShouldBeFalse();
        await using var late = await DelayedAppend.Begin(database, "t.late.v1");
        await team.Send(new ParcelSent(NewStream(), 1));
        var hidden = await team.Log.Read(0, 10, CancellationToken.None);
        hidden.IsBlocked.ShouldBeTrue();
        hidden.OldestHidden.ShouldNotBeNull().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        hidden.Events.ShouldBeEmpty();
        (await team.Events()).ShouldBeEmpty();

        await late.Commit();

        var last = (await Eventually.Within(Soon, team.Events, events => events.Count == 2, "both events")).Max(e => e.Position);
        var end = await team.Log.Read(last, 10, CancellationToken.None);
        (end.Events.Count, end.IsBlocked, end.OldestHidden).ShouldBe((0, false, null));
    }

    [Fact]
    public async Task Should_not_go_through_the_log_to_read_its_end()
    {
        const int Events = 20_000;
        var database = await store.Databases.CreateDatabase();
        await (await Team.Start(database)).DisposeAsync();
        // One session: it prepares the statement after some calls, and it is the one whose statistics count.
        await using var pool = ServiceDatabase.Open(new NpgsqlConnectionStringBuilder(database) { MaxPoolSize = 1 }.ConnectionString);
        using var faults = new Faults(TimeProvider.System, NullLogger<Faults>.Instance);
        using var log = new EventLog(pool, new EventLogSignal(), faults, NullLogger<LiveLog<RecordedEvent>>.Instance);
        await Ask<int>(
            $"""
            insert into ese.event_log (stream_id, stream_version, event_id, type, subject, time, correlation_id, coordination, data)
            select 's', n, gen_random_uuid(), 't.many.v1', 's', now(), '', 'event', '{"{}"}' from generate_series(1, {Events}) n returning 1
            """);
        await Ask<object>("analyze ese.event_log");
        var lastButOne = await Ask<long>("select max(position) - 1 from ese.event_log");
        var before = await RowsRead();

        for (var time = 0; time < 20; time++) (await log.Read(lastButOne, 500, CancellationToken.None)).Events.Count.ShouldBe(1);

        (await RowsRead() - before).ShouldBeInRange(20, 2 * 20);

        async Task<long> RowsRead()
        {
            await Ask<object>("select pg_stat_force_next_flush()::text");
            return await Ask<long>("select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where relid = 'ese.event_log'::regclass");
        }

        async Task<T> Ask<T>(string sql)
        {
            await using var command = pool.CreateCommand(sql);
            return (T)(await command.ExecuteScalarAsync())!;
        }
    }

    [Fact]
    public async Task Should_stop_following_when_asked_to()
    {
        using var stop = new CancellationTokenSource();
        await using var events = store.Team.Log.Follow(0, "t.nothing", stop.Token).GetAsyncEnumerator(stop.Token);
        var next = events.MoveNextAsync();

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(async () => await next.AsTask().WaitAsync(Soon));
    }

    [Fact]
    public async Task Should_signal_a_commit_and_not_a_rollback()
    {
        // A service of its own: others signal their own commits.
        await using var team = await Team.Start(await store.Databases.CreateDatabase());
        var signal = (EventLogSignal)team.Services.GetService(typeof(EventLogSignal))!;

        var rolledBack = signal.Next();
        await Should.ThrowAsync<InvalidOperationException>(() => team.Work(_ => throw new InvalidOperationException("no")));
        rolledBack.IsCompleted.ShouldBeFalse();

        await team.Send(new ParcelSent(NewStream(), 1));
        await rolledBack.WaitAsync(Soon);
        signal.Next().IsCompleted.ShouldBeFalse();
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("0", true)]
    [InlineData("12", true)]
    [InlineData("9223372036854775807", true)]
    [InlineData("9223372036854775808", false)]
    [InlineData("12-34", false)]
    [InlineData("-1", false)]
    [InlineData("1-", false)]
    [InlineData("1 ", false)]
    [InlineData(" 1", false)]
    [InlineData("+1", false)]
    [InlineData("x", false)]
    public void Should_accept_only_cursors(string? text, bool valid) => LogCursor.TryParse(text, out _).ShouldBe(valid);

    // Another test of the class may just be appending.
    private Task<int> WaitUntilReadable(string type, int count) => Eventually.Within(
        Soon, async () => (await store.Team.Log.Read(0, 1000, type, CancellationToken.None)).Count, n => n == count, $"{count} readable events");
}
