using System.Globalization;
using System.Text.Json;

namespace EseErp.SystemTests;

/// <summary>What Tracking shows follows from the events alone, and whoever watches sees all of it.</summary>
public sealed class TrackingTests(RunningSystem system) : SystemTest(system)
{
    [Fact]
    public async Task Should_show_the_same_after_a_rebuild_from_the_events()
    {
        var since = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var returnIds = new List<string>();
        foreach (var mode in new[] { "event", "traditional" })
        {
            foreach (var device in System.Take(5)) returnIds.Add((await System.File(device, mode)).Json.Text("returnId")!);
            returnIds.Add((await System.File(System.Catalogue.Examples.NotDelivered.Return, mode)).Json.Text("returnId")!);
        }

        await System.AllClosed(returnIds);
        await System.NothingIsWaiting();
        var before = await Shown(returnIds, since);
        var build = await Build();

        (await System.Post(Teams.Tracking, "projection/rebuild")).Expect(202);
        await Eventually.Within(
            Expectations.InTheEnd,
            async () => (await System.Get(Teams.Tracking, "projection")).Expect(200).Json,
            seen => seen.Text("state") == "live" && seen.GetProperty("build").GetInt32() > build,
            "the projection is rebuilt");
        (await Shown(returnIds, since)).ShouldBe(before);
    }

    [Fact]
    public async Task Should_stream_every_change_of_a_return_while_it_runs()
    {
        await using var all = await System.Follow(Teams.Tracking, "returns/stream");
        var returnId = (await System.File(System.Take(), "event")).Expect(202).Json.Text("returnId")!;
        await using var one = await System.Follow(Teams.Tracking, $"returns/{returnId}/stream");
        await System.Closed(returnId);
        var timeline = (await System.Timeline(returnId)).Select(item => item.Text("eventId")).ToList();

        await ShouldBring(all, returnId, timeline);
        await ShouldEndClosed(one, returnId);
        // The present state comes first and includes what happened before; everything after it comes as a change.
        var first = one.Received[0];
        (first.Type, first.Data.Text("return.returnId")).ShouldBe(("state", returnId));
        var changes = Changes(one, returnId).Distinct().Count();
        (first.Data.GetProperty("return").GetProperty("version").GetInt32() + changes).ShouldBeGreaterThanOrEqualTo(timeline.Count);

        // A client that comes back gets what it missed.
        await using var late = await System.Follow(Teams.Tracking, $"returns/{returnId}/stream", first.Id);
        await ShouldBring(late, returnId, Changes(one, returnId).Distinct().ToList());
    }

    [Fact]
    public async Task Should_stream_a_teams_event_log_from_the_past_into_the_present()
    {
        var earlier = (await System.File(System.Take(), "event")).Expect(202).Json.Text("returnId")!;
        await System.Closed(earlier);
        var facts = await Stream(Teams.Sales, earlier);
        facts.Count.ShouldBeGreaterThan(1);

        await using var log = await System.Follow(Teams.Sales, $"event-log/stream?after={facts[0].Text("cursor")}");
        await Eventually.Within(Expectations.Soon, () => Task.FromResult(Of(log, earlier)), seen => seen.Count == facts.Count - 1, "the log has caught up");
        var later = (await System.File(System.Take(), "event")).Expect(202).Json.Text("returnId")!;
        await System.Closed(later);
        var expected = (await Stream(Teams.Sales, later)).Select(fact => fact.Text("id")).ToList();
        await Eventually.Within(Expectations.Soon, () => Task.FromResult(Of(log, later)), seen => seen.Count == expected.Count, "the log goes on live");
        Of(log, later).ShouldBe(expected);
        Of(log, earlier).ShouldBe(facts.Skip(1).Select(fact => fact.Text("id")));
        log.Received.ShouldAllBe(sent => sent.Type == sent.Data.Text("type") && sent.Id == sent.Data.Text("cursor"));
    }

    private static List<string?> Of(ServerSentEvents log, string streamId) =>
        log.Received.Where(sent => sent.Data.Text("streamId") == streamId).Select(sent => sent.Data.Text("id")).ToList();

    private static List<string?> Changes(ServerSentEvents stream, string returnId) => stream.Received
        .Where(sent => sent.Type == "change" && sent.Data.Text("return.returnId") == returnId)
        .Select(sent => sent.Data.Text("item.eventId")).ToList();

    private static async Task ShouldBring(ServerSentEvents stream, string returnId, List<string?> eventIds)
    {
        await ShouldEndClosed(stream, returnId);
        await Eventually.Within(
            Expectations.Soon, () => Task.FromResult(eventIds.Except(Changes(stream, returnId)).ToList()), missing => missing.Count == 0, "every change was sent");
    }

    private static Task<SentEvent?> ShouldEndClosed(ServerSentEvents stream, string returnId) => Eventually.Within(
        Expectations.Soon,
        () => Task.FromResult(stream.Received.LastOrDefault(sent => sent.Data.Text("return.returnId") == returnId)),
        last => last?.Data.GetProperty("return").Is("closed") ?? false,
        $"the stream shows {returnId} closed");

    private async Task<List<JsonElement>> Stream(string team, string streamId) =>
        (await System.Get(team, $"event-log/streams/{streamId}")).Expect(200).Json.List("events");

    private async Task<int> Build() => (await System.Get(Teams.Tracking, "projection")).Expect(200).Json.GetProperty("build").GetInt32();

    private async Task<List<string>> Shown(IEnumerable<string> returnIds, string since)
    {
        var shown = new List<string>();
        foreach (var returnId in returnIds)
        {
            shown.Add((await System.Get(Teams.Tracking, $"returns/{returnId}")).Expect(200).Body);
            shown.Add((await System.Get(Teams.Tracking, $"returns/{returnId}/timeline?limit=200")).Expect(200).Body);
        }

        foreach (var analytics in new[] { "returns-by-reason", "returns-by-model", "durations", "diagnoses", "recovery", "net-cost" })
            shown.Add((await System.Get(Teams.Tracking, $"analytics/{analytics}?from={since}")).Expect(200).Body);
        shown.Add((await System.Get(Teams.Tracking, "analytics/return-rate")).Expect(200).Json.GetProperty("all").Text("delivered")!);
        return shown;
    }
}
