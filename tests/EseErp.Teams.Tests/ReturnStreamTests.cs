using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.EventStore;
using EseErp.Teams.Tests.Running;
using EseErp.Tracking;
using EseErp.Tracking.Data;
using EseErp.Tracking.Returns;
using EseErp.Tracking.Timeline;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Teams.Tests;

/// <summary>Tracking's live streams: what a change costs does not depend on how many watch.</summary>
public sealed class ReturnStreamTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Should_ask_the_database_once_for_a_change_however_many_watch()
    {
        const int Changes = 20;
        var one = await QueriesFor(watchers: 1, Changes);
        var twenty = await QueriesFor(watchers: 20, Changes);

        // It also looks five times a second, whoever has written: a slow run looks more often. Not twenty times as often.
        twenty.Timeline.ShouldBeLessThan((3 * one.Timeline) + 60, $"one watcher cost {one}");
        twenty.Returns.ShouldBeLessThan((2 * one.Returns) + 10, $"one watcher cost {one}");
    }

    private static async Task<(int Timeline, int Returns)> QueriesFor(int watchers, int changes)
    {
        await using var tracking = await TeamInProcess.Start("tracking", builder => builder.AddTracking());
        await tracking.Listen(app =>
        {
            app.MapReturns();
            app.MapReturnStreams();
        });
        var (watched, other) = (TeamInProcess.NewReturn(), TeamInProcess.NewReturn());
        var expected = new List<string> { await Happen(tracking, watched) };
        await Happen(tracking, other);
        // Half of them watch all returns, half one.
        var watching = new List<Watcher>();
        for (var number = 0; number < watchers; number++)
            watching.Add(new Watcher(await tracking.Follow(number % 2 == 0 ? "/returns/stream?after=0" : $"/returns/{watched}/stream"), watched));
        await All(1);

        using var queries = new Queries(tracking.Database);
        for (var number = 1; number <= changes; number++)
        {
            await Happen(tracking, other);
            expected.Add(await Happen(tracking, watched));
            await All(number + 1);
        }

        var asked = (queries.Of("from timeline"), queries.Of("FROM returns"));
        asked.Item1.ShouldBeGreaterThan(0, "it is heard at all");
        foreach (var watcher in watching)
        {
            watcher.Seen.ShouldBe(watcher.SawState ? [Watcher.State, .. expected.Skip(1)] : expected);
            await watcher.DisposeAsync();
        }

        return asked;

        Task All(int count) => Eventually.Within(Soon, () => Task.FromResult(watching.Min(watcher => watcher.Seen.Count)), seen => seen >= count, $"{watchers} watchers to see {count} changes");
    }

    /// <summary>A fact as the pump applies it.</summary>
    /// <returns>The event's id.</returns>
    private static async Task<string> Happen(TeamInProcess tracking, string returnId)
    {
        var eventId = Guid.CreateVersion7();
        await tracking.Work(async services =>
        {
            var (db, fact) = (services.GetRequiredService<TrackingDb>(), new ReplacementDelivered(returnId));
            if (await db.Returns.FindAsync(returnId) is not { } tracked)
            {
                tracked = new TrackedReturn { ReturnId = returnId, Mode = CoordinationMode.Event };
                db.Returns.Add(tracked);
            }

            tracked.Apply(fact, tracking.Clock.GetUtcNow());
            services.GetRequiredService<TimelineRows>().Add(new TimelineEntry
            {
                EventId = eventId, ReturnId = returnId, Time = tracking.Clock.GetUtcNow(), Team = "inventory", Type = "ese.inventory.replacement-delivered.v1",
                Summary = "It was delivered", CorrelationId = "correlation", Coordination = Coordination.Event, Data = "{}",
            });
        });
        return eventId.ToString();
    }

    /// <summary>Notes what comes of one return.</summary>
    private sealed class Watcher : IAsyncDisposable
    {
        public const string State = "state";

        private readonly List<string> _seen = [];
        private readonly Stream _stream;
        private readonly Task _reading;

        public Watcher(Stream stream, string returnId) => (_stream, _reading) = (stream, Task.Run(() => Read(stream, returnId)));

        public bool SawState => Seen is [State, ..];

        public IReadOnlyList<string> Seen
        {
            get
            {
                lock (_seen) return [.. _seen];
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stream.DisposeAsync();
            await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        private async Task Read(Stream stream, string returnId)
        {
            await foreach (var item in SseParser.Create(stream).EnumerateAsync())
            {
                if (item.EventType == "heartbeat" || JsonNode.Parse(item.Data) is not { } change || (string?)change["return"]?["returnId"] != returnId) continue;
                lock (_seen) _seen.Add((string?)change["item"]?["eventId"] ?? State);
            }
        }
    }
}
