using System.Diagnostics;
using EseErp.Contracts.Inventory;

namespace EseErp.SystemTests;

/// <summary>One team is away: what that means to a return, in either mode.</summary>
public sealed class StoppedTeamTests(RunningSystem system) : SystemTest(system)
{
    // The time budget of User Support's process is 10 s; the rest is for a busy machine.
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(10) + TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Should_accept_a_return_in_event_mode_and_let_the_absent_team_catch_up()
    {
        await System.Processes.StopServiceAsync(Teams.Inventory);
        var returnId = (await System.File(System.Take(), "event")).Expect(202).Json.Text("returnId")!;

        await System.Tracked(
            returnId,
            seen => seen.Text("facets.refund.state") == "Authorized" && seen.Text("facets.disassembly.state") == "AwaitingItem"
                && seen.Text("facets.disposal.state") == "Provisional",
            "is answered by the three teams that are there");
        (await System.Get(Teams.Tracking, $"returns/{returnId}")).Json.Is("settled").ShouldBeFalse();

        await System.Processes.StartServiceAsync(Teams.Inventory);
        await System.Settled(returnId);
        await System.Closed(returnId);
        (await System.Documents(Teams.Inventory, returnId)).ShouldBe(1);
    }

    [Fact]
    public async Task Should_say_in_traditional_mode_what_was_done_and_resume_when_the_team_is_back()
    {
        await System.Processes.StopServiceAsync(Teams.Inventory);
        var clock = Stopwatch.StartNew();
        var answer = await System.File(System.Take(), "traditional");
        clock.Elapsed.ShouldBeLessThan(Budget);
        answer.Status.ShouldBeOneOf(502, 504);
        var returnId = await ShouldBeIncomplete(answer, outcome: "NotReached");

        await System.Processes.StartServiceAsync(Teams.Inventory);
        await Resume(returnId);
    }

    [Fact]
    public async Task Should_answer_the_same_request_under_its_key_once_the_team_is_back()
    {
        var (device, key) = (System.Take(), Guid.NewGuid().ToString());
        await System.Processes.StopServiceAsync(Teams.Inventory);
        var away = await System.File(device, "traditional", key);
        away.Status.ShouldBeOneOf(502, 504);

        await System.Processes.StartServiceAsync(Teams.Inventory);
        var answer = await Eventually.Within(
            Expectations.Soon, () => System.File(device, "traditional", key), answer => answer.Status is not (502 or 504), "the request is answered");

        answer.Expect(201).Json.Text("returnId").ShouldBe(away.Json.Text("returnId"));
        (await System.File(device, "traditional", key)).ShouldBe(answer);
    }

    [Fact]
    public async Task Should_go_on_when_the_team_is_back_however_long_it_was_away()
    {
        await System.Processes.StopServiceAsync(Teams.Inventory);
        var returnId = await ShouldBeIncomplete(await System.File(System.Take(), "traditional"), outcome: "NotReached");
        // As after an outage of some minutes: the pauses have grown.
        await using (var connection = await Data.Open(Teams.UserSupport))
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = "update traditional_returns set failures = 8, wake_at = now() + interval '4 minutes' where return_id = @id and driven_until is null";
            command.Parameters.AddWithValue("id", returnId);
            await Eventually.Within(Expectations.Soon, async () => await command.ExecuteNonQueryAsync() == 1, "nobody drives the return");
        }

        await System.Processes.StartServiceAsync(Teams.Inventory);

        await System.Settled(returnId);
    }

    [Fact]
    public async Task Should_time_out_in_traditional_mode_on_a_team_that_hangs_and_not_ask_it_twice()
    {
        using var hanging = HangingProcess.Stop(System.Processes.ProcessId(Teams.Inventory)!.Value);
        var clock = Stopwatch.StartNew();
        var answer = await System.File(System.Take(), "traditional");
        clock.Elapsed.ShouldBeLessThan(Budget);
        answer.Status.ShouldBe(504, answer.Body);
        var returnId = answer.Json.Text("returnId")!;
        StepsOf(answer).ShouldBe(["sales.refund-request Done", "inventory.shipment-request Unknown"]);

        hanging.Continue();
        await Resume(returnId);
        (await Data.Count(Teams.Inventory, "select count(*) from ese.event_log where stream_id = @p0 and type = 'ese.inventory.replacement-reserved.v1'", returnId))
            .ShouldBe(1);
    }

    private static IEnumerable<string> StepsOf(Answer answer) =>
        answer.Json.List("steps").Select(step => $"{step.Text("step")} {step.Text("outcome")}");

    private async Task<string> ShouldBeIncomplete(Answer answer, string outcome)
    {
        var returnId = answer.Json.Text("returnId")!;
        answer.Json.Text("detail")!.ShouldContain("inventory");
        answer.Json.Text("returnStatus").ShouldBe("Incomplete");
        answer.Json.Text("links.resume").ShouldBe($"/returns/{returnId}/resume");
        answer.Json.Text("documents.refund.returnId").ShouldBe(returnId);
        answer.Json.Text("documents.shipment").ShouldBeNull();
        StepsOf(answer).ShouldBe(["sales.refund-request Done", $"inventory.shipment-request {outcome}"]);

        (await System.Get(Teams.UserSupport, $"returns/{returnId}")).Expect(200).Json.Text("status").ShouldBe("Incomplete");
        var seen = await System.Tracked(returnId, seen => seen.Text("status") == "Incomplete", "is incomplete");
        seen.Text("incomplete.step").ShouldBe("inventory.shipment-request");
        foreach (var team in Teams.Documents.Keys)
            (await System.Documents(team, returnId)).ShouldBe(team == Teams.Sales ? 1 : 0, team);
        return returnId;
    }

    private async Task Resume(string returnId)
    {
        // The calls that failed may have opened the circuit breaker, which closes again by itself.
        var answer = await Eventually.Within(
            Expectations.Soon,
            () => System.Post(Teams.UserSupport, $"returns/{returnId}/resume"),
            answer => answer.Status is 200 or 201,
            $"{returnId} is resumed");
        foreach (var document in new[] { "refund", "shipment", "disassembly", "disposal" })
            answer.Json.Text($"documents.{document}.returnId").ShouldBe(returnId);
        await System.Closed(returnId);
        foreach (var team in Teams.Documents.Keys) (await System.Documents(team, returnId)).ShouldBe(1, team);
        (await System.Get(Teams.Inventory, $"shipment-requests/{returnId}")).As<ShipmentRequestView>().State.ShouldBe(ShipmentState.Shipped);
        await System.ShouldHaveDoneNothingTwice([returnId]);
    }
}
