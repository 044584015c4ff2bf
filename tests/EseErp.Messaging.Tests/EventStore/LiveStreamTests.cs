using System.Net.ServerSentEvents;
using EseErp.EventStore;

namespace EseErp.Messaging.Tests;

/// <summary>Whoever follows a log live gets all of it in order, and costs the database nothing.</summary>
public sealed class LiveStreamTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Should_ask_the_database_once_for_a_commit_however_many_clients_follow()
    {
        const int Commits = 30;
        var one = await QueriesFor(clients: 1, Commits);
        var twenty = await QueriesFor(clients: 20, Commits);

        // A look more or less, as commits are close together; not twenty times as many.
        twenty.ShouldBeLessThan((2 * one) + 10, $"one client cost {one} queries");
    }

    [Fact]
    public async Task Should_go_on_where_a_client_was_without_a_gap_and_without_a_repetition()
    {
        await using var team = await Team.Start(await databases.CreateDatabase());
        for (var number = 0; number < 30; number++) await team.Send(new ParcelSent("RMA-1", number));
        await using var first = await Client.Follow(team);
        await Eventually.Within(Soon, () => Task.FromResult(first.Seen.Count), count => count == 30, "the past");
        var left = first.Seen[11];

        await using var again = await Client.Follow(team, lastEventId: left);
        for (var number = 30; number < 60; number++) await team.Send(new ParcelSent("RMA-1", number));

        await Eventually.Within(Soon, () => Task.FromResult((first.Seen.Count, again.Seen.Count)), counts => counts == (60, 48), "both to have all");
        again.Seen.ShouldBe(first.Seen.Skip(12));
    }

    [Fact]
    public async Task Should_send_what_a_client_asks_for_by_type_and_by_stream()
    {
        await using var team = await Team.Start(await databases.CreateDatabase());
        await team.Send(new ParcelSent("RMA-1", 0), new ParcelSent("RMA-2", 0));
        using var limit = new CancellationTokenSource(Soon);
        await using var received = team.Log.Follow(0, "ese.parcels.parcel-received.*", limit.Token).GetAsyncEnumerator(limit.Token);
        await using var second = team.Log.FollowStream("RMA-2", 0, limit.Token).GetAsyncEnumerator(limit.Token);
        await using var behind = team.Log.FollowStream("RMA-2", 1, limit.Token).GetAsyncEnumerator(limit.Token);
        await using var later = team.Log.FollowStreamBehind("RMA-2", await team.Log.End(limit.Token), limit.Token).GetAsyncEnumerator(limit.Token);
        var next = received.MoveNextAsync();
        (await second.MoveNextAsync()).ShouldBeTrue();
        second.Current.StreamVersion.ShouldBe(1);

        await team.Work(services =>
        {
            var facts = (Facts)services.GetService(typeof(Facts))!;
            facts.Record("RMA-1", new ParcelSent("RMA-1", 1), Coordination.Event);
            facts.Record("RMA-2", new ParcelReceived("RMA-2", 0), Coordination.Event);
            return Task.CompletedTask;
        });

        (await next).ShouldBeTrue();
        received.Current.StreamId.ShouldBe("RMA-2");
        foreach (var follower in new[] { second, behind, later })
        {
            (await follower.MoveNextAsync()).ShouldBeTrue();
            (follower.Current.StreamId, follower.Current.StreamVersion).ShouldBe(("RMA-2", 2));
        }
    }

    [Fact]
    public async Task Should_keep_nothing_for_a_client_that_is_slow_and_give_it_all_the_same()
    {
        const int Events = LiveLog<RecordedEvent>.MostItems + 700;
        await using var team = await Team.Start(await databases.CreateDatabase());
        using var limit = new CancellationTokenSource(Soon);
        await team.Send(new ParcelSent("RMA-0", 0));
        await using var slow = team.Log.Follow(0, null, limit.Token).GetAsyncEnumerator(limit.Token);
        await using var quick = team.Log.Follow(0, null, limit.Token).GetAsyncEnumerator(limit.Token);
        (await slow.MoveNextAsync()).ShouldBeTrue();

        for (var sent = 0; sent < Events; sent += 100) await team.Send(Enumerable.Range(sent, 100).Select(number => new ParcelSent($"RMA-{number}", 1)));
        var all = new List<long>();
        while (all.Count < Events + 1 && await quick.MoveNextAsync()) all.Add(quick.Current.Position);

        var got = new List<long> { slow.Current.Position };
        while (got.Count < Events + 1 && await slow.MoveNextAsync()) got.Add(slow.Current.Position);
        got.ShouldBe(all);
        got.ShouldBeUnique();
        got.ShouldBeInOrder();
    }

    [Fact]
    public async Task Should_go_on_after_the_database_was_away()
    {
        var database = await databases.CreateDatabase();
        await using var team = await Team.Start(database);
        await using var client = await Client.Follow(team);
        await team.Send(new ParcelSent("RMA-1", 0));
        await Eventually.Within(Soon, () => Task.FromResult(client.Seen.Count), count => count == 1, "the first");

        await databases.Server.EndSessions($"datname = '{new Npgsql.NpgsqlConnectionStringBuilder(database).Database}'");

        await Eventually.Within(Soon, () => team.Send(new ParcelSent("RMA-1", 1)), "the database to be back");
        await Eventually.Within(Soon, () => Task.FromResult(client.Seen.Count), count => count == 2, "the next");
        client.Seen.ShouldBe((await team.Events()).Select(e => LogCursor.Of(e.Position)));
    }

    private async Task<int> QueriesFor(int clients, int commits)
    {
        var database = await databases.CreateDatabase();
        await using var team = await Team.Start(database);
        var following = new List<Client>();
        for (var number = 0; number < clients; number++) following.Add(await Client.Follow(team));
        await team.Send(new ParcelSent("RMA-1", 0));
        await All(1);

        using var queries = new Queries(database);
        for (var number = 1; number <= commits; number++)
        {
            await team.Send(new ParcelSent("RMA-1", number));
            // One by one, so that none is read together with another.
            await All(number + 1);
        }

        var asked = queries.Of("ese.event_log");
        asked.ShouldBeGreaterThanOrEqualTo(commits, "it is heard at all");
        var expected = (await team.Events()).Select(e => LogCursor.Of(e.Position)).ToList();
        foreach (var client in following)
        {
            client.Seen.ShouldBe(expected);
            await client.DisposeAsync();
        }

        return asked;

        Task All(int count) => Eventually.Within(Soon, () => Task.FromResult(following.Min(client => client.Seen.Count)), seen => seen == count, $"all {clients} clients to have {count} events");
    }

    /// <summary>Follows the event log over HTTP, and notes the ids of what comes.</summary>
    private sealed class Client : IAsyncDisposable
    {
        private readonly CancellationTokenSource _leaving = new();
        private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
        private readonly List<string> _seen = [];
        private Task _reading = Task.CompletedTask;

        public IReadOnlyList<string> Seen
        {
            get
            {
                lock (_seen) return [.. _seen];
            }
        }

        public static async Task<Client> Follow(Team team, string? lastEventId = null)
        {
            var client = new Client();
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(team.Address, "/event-log/stream"));
            if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
            var answer = await client._http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            answer.EnsureSuccessStatusCode();
            client._reading = Task.Run(() => client.Read(answer));
            return client;
        }

        public async ValueTask DisposeAsync()
        {
            await _leaving.CancelAsync();
            await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _http.Dispose();
            _leaving.Dispose();
        }

        private async Task Read(HttpResponseMessage answer)
        {
            using (answer)
                await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(_leaving.Token)).EnumerateAsync(_leaving.Token))
                    if (item.EventId is { Length: > 0 } id)
                        lock (_seen) _seen.Add(id);
        }
    }
}
