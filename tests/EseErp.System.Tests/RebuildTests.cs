using System.Text.Json;
using Npgsql;

namespace EseErp.SystemTests;

/// <summary>What Tracking answers while its projection is built again.</summary>
public sealed class RebuildTests(RunningSystem system) : SystemTest(system)
{
    [Fact]
    public async Task Should_say_that_it_is_being_rebuilt_and_not_that_a_return_is_not_there()
    {
        var returnId = (await System.File(System.Take(), "event")).Expect(202).Json.Text("returnId")!;
        await System.Closed(returnId);
        await System.NothingIsWaiting();
        var before = (await System.Get(Teams.Tracking, $"returns/{returnId}")).Expect(200).Body;
        string[] asked =
            [$"returns/{returnId}", $"returns/{returnId}/timeline", $"returns/{returnId}/stream", "returns", "analytics/summary", "analytics/returns-by-reason"];
        var build = await Build();

        await using var hold = await Data.Open(Teams.Tracking);
        await HoldLanes(hold);
        try
        {
            (await System.Post(Teams.Tracking, "projection/rebuild")).Expect(202);
            await Eventually.Within(Expectations.Soon, Projection, seen => seen.Text("stage") == "Replaying", "the projection is emptied and built again");
            (await Data.Count(Teams.Tracking, "select count(*) from returns")).ShouldBe(0);

            foreach (var path in asked)
            {
                var refused = await System.Get(Teams.Tracking, path);
                (path, refused.Status, refused.Json.Text("title")).ShouldBe((path, 503, "The projection is being rebuilt"));
            }

            using var plain = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = System.Processes.BaseAddress(Teams.Tracking) };
            using var answer = await plain.GetAsync(asked[0]);
            answer.Headers.RetryAfter.ShouldNotBeNull().Delta.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.Zero);
        }
        finally
        {
            await Say(hold, "select pg_advisory_unlock_all()");
        }

        await Eventually.Within(Expectations.InTheEnd, Projection, seen => seen.Text("state") == "live", "the projection is whole");
        (await Build()).ShouldBe(build + 1);
        (await System.Get(Teams.Tracking, asked[0])).Expect(200).Body.ShouldBe(before);
        foreach (var path in asked.Except([asked[2]])) (await System.Get(Teams.Tracking, path)).Expect(200);
        // A return that nobody has filed is not there, and that is said.
        (await System.Get(Teams.Tracking, "returns/RMA-1999-000001")).Expect(404);
    }

    private async Task<JsonElement> Projection() => (await System.Get(Teams.Tracking, "projection")).Expect(200).Json;

    private async Task<int> Build() => (await Projection()).GetProperty("build").GetInt32();

    /// <summary>Stands in the way of every batch of Tracking's, as another replica's batch of the same lanes would.</summary>
    private static Task HoldLanes(NpgsqlConnection session) => Say(session, "select pg_advisory_lock(hashtext('tracking'), lane) from generate_series(0, 11) lane order by lane");

    private static async Task Say(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }
}
