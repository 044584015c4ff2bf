using System.Text.Json;
using Npgsql;

namespace EseErp.SystemTests;

/// <summary>An event of a return that a team cannot apply: where a person sees it, and how it is mended while the fault is still set.</summary>
public sealed class StuckTests(RunningSystem system) : SystemTest(system)
{
    [Fact]
    public async Task Should_show_a_return_as_stuck_until_what_a_team_could_not_apply_is_redriven()
    {
        (await System.Put(Teams.Accounting, "faults", new { errorRate = 1 })).Expect(200);
        var returnId = (await System.File(System.Take(), "event")).Expect(202).Json.Text("returnId")!;

        var stuck = await System.Tracked(returnId, seen => seen.Text("status") == "Stuck", "is stuck");
        stuck.Text("closed").ShouldBe("False");
        var letter = stuck.GetProperty("stuck").List("letters")[0];
        (letter.Text("team"), letter.Text("reason"), letter.Text("eventType")).ShouldBe(("accounting", "Exhausted", "ese.user-support.refund-request.v1"));
        // The link leads to the letter, and the fault that filled the list does not strike who looks at it.
        var link = new Uri(letter.Text("link")!);
        link.ShouldBe(new Uri(System.Processes.BaseAddress(Teams.Accounting), link.AbsolutePath));
        (await System.Get(Teams.Accounting, link.AbsolutePath[1..])).Expect(200).Json.Text("key").ShouldBe(returnId);
        (await System.Get(Teams.Tracking, "returns?status=Stuck")).Expect(200).Json.List("items").ShouldContain(item => item.Text("returnId") == returnId);

        // As long as the cause is there it fails again, and stays.
        (await System.Post(Teams.Accounting, "dead-letters/redrive", new { key = returnId })).Expect(200).Json.GetProperty("failedKeys").GetInt64().ShouldBeGreaterThan(0);
        (await System.Put(Teams.Accounting, "faults", new { })).Expect(200);
        await Eventually.Within(
            Expectations.Soon,
            async () => (await System.Post(Teams.Accounting, "dead-letters/redrive", new { key = returnId })).Expect(200).Json.Text("state") == "Finished"
                && (await System.Get(Teams.Accounting, "dead-letters/count")).Expect(200).Json.GetProperty("open").GetInt64() == 0,
            "everything to be applied");

        var closed = await System.Closed(returnId);
        closed.GetProperty("stuck").ValueKind.ShouldBe(JsonValueKind.Null);
        (await System.Timeline(returnId)).Select(entry => entry.Text("summary")).ShouldContain("Accounting applied what it had set aside");
    }

    [Fact]
    public async Task Should_show_what_Tracking_itself_could_not_apply_and_free_the_return_when_it_is_discarded()
    {
        await Execute(
            """
            create function refuse_posted() returns trigger language plpgsql as 'begin raise exception ''a bug''; end';
            create trigger refuse_posted before insert on timeline for each row
                when (new.type = 'ese.accounting.asset-disposal-posted.v1') execute function refuse_posted();
            """);
        string returnId;
        JsonElement letter;
        try
        {
            returnId = (await System.File(System.Take(), "event")).Expect(202).Json.Text("returnId")!;
            var stuck = await System.Tracked(returnId, seen => seen.Text("status") == "Stuck", "is stuck");
            letter = stuck.GetProperty("stuck").List("letters").ShouldHaveSingleItem();
        }
        finally
        {
            await Execute("drop function refuse_posted cascade");
        }

        (letter.Text("team"), letter.Text("reason"), letter.Text("eventType")).ShouldBe(("tracking", "Exhausted", "ese.accounting.asset-disposal-posted.v1"));
        var path = new Uri(letter.Text("link")!).AbsolutePath[1..] + "/discard";
        (await System.Post(Teams.Tracking, path, new { reason = "Somebody tried the topic out." })).Expect(400).Body.ShouldContain("\"by\"");
        (await System.Post(Teams.Tracking, path, new { reason = " ", by = "Erika" })).Expect(400).Body.ShouldContain("\"reason\"");
        (await System.Post(Teams.Tracking, path, new { reason = "Somebody tried the topic out.", by = "Erika" })).Expect(200)
            .Json.GetProperty("letter").Text("discardedBy").ShouldBe("Erika");
        (await System.Post(Teams.Tracking, path, new { reason = "Again.", by = "Max" })).Expect(409).Body.ShouldContain("by Erika");
        (await System.Post(Teams.Tracking, "dead-letters/999999/discard", new { reason = "None.", by = "Max" })).Expect(404);

        // What was discarded is never known here; the rest of the return is as it was told.
        var free = await System.Tracked(returnId, seen => seen.Text("status") == "Completed", "is no longer stuck");
        (free.Text("stuck"), free.Is("closed"), free.Text("facets.disposal.state")).ShouldBe((null, false, "Provisional"));
    }

    // No other test has a dead letter, and each says so of the whole system.
    public override async Task DisposeAsync()
    {
        foreach (var team in new[] { Teams.Accounting, Teams.Tracking }) await Execute("truncate ese.dead_letters", team);
    }

    private async Task Execute(string sql, string team = Teams.Tracking)
    {
        await using var session = await Data.Open(team);
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }
}
