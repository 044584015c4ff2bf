using EseErp.Contracts.Inventory;
using EseErp.SystemTests.Scenarios;

namespace EseErp.SystemTests;

/// <summary>Calling a return off while teams are away, twice, or too late.</summary>
[Collection(nameof(UnhurriedSystem))]
public sealed class CancellationTests(UnhurriedSystem unhurried)
{
    private readonly RunningSystem _system = unhurried.System;

    [Fact]
    public async Task Should_answer_202_in_event_mode_while_nobody_decides_and_cancel_later()
    {
        var returnId = await Filed("event");
        await _system.Processes.StopServiceAsync(Teams.Inventory);
        var key = Guid.NewGuid().ToString();
        (await Cancel(returnId, key)).Expect(202).Json.Text("status").ShouldBe("CancellationRequested");
        (await Cancel(returnId)).Expect(202);

        await _system.Processes.StartServiceAsync(Teams.Inventory);
        await _system.Tracked(returnId, seen => seen.Text("status") == "Cancelled", "is cancelled");
        // The same request again: what it could not say then, it says now.
        (await Cancel(returnId, key)).Expect(200).Json.Text("status").ShouldBe("Cancelled");
        (await Facts(returnId, "return-cancellation-requested")).ShouldBe(1);
        (await Facts(returnId, "return-cancelled")).ShouldBe(1);
    }

    [Fact]
    public async Task Should_answer_502_in_traditional_mode_while_a_team_is_away_and_undo_the_rest_by_itself()
    {
        var returnId = await Filed("traditional");
        await _system.Processes.StopServiceAsync(Teams.Accounting);
        (await Cancel(returnId)).Status.ShouldBeOneOf(502, 504);
        (await _system.Get(Teams.Inventory, $"shipment-requests/{returnId}")).As<ShipmentRequestView>().Receipt.State.ShouldBe(ReceiptState.Closed);

        await _system.Processes.StartServiceAsync(Teams.Accounting);
        await _system.Tracked(returnId, seen => seen.Text("status") == "Cancelled" && seen.Text("facets.refund.state") == "Voided", "is undone everywhere");
        (await Facts(returnId, "return-cancelled")).ShouldBe(1);
    }

    [Theory]
    [InlineData("event")]
    [InlineData("traditional")]
    public async Task Should_cancel_once_for_everyone_who_asks(string mode)
    {
        var returnId = await Filed(mode);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Cancel(returnId)));
        answers.ShouldAllBe(answer => answer.Status == 200);
        (await Cancel(returnId)).Expect(200);
        (await Facts(returnId, "return-cancelled")).ShouldBe(1);
        await _system.Tracked(returnId, seen => seen.Text("status") == "Cancelled", "is cancelled");
        await _system.ShouldHaveDoneNothingTwice([returnId]);
    }

    [Theory]
    [InlineData("event")]
    [InlineData("traditional")]
    public async Task Should_refuse_with_the_reason_once_the_item_is_in(string mode)
    {
        var device = _system.Take();
        var returnId = (await _system.File(device, mode)).Json.Text("returnId")!;
        await _system.Settled(returnId);
        var report = new { returnId, device.SerialNumber, condition = "fine" };
        if (mode == "event") (await _system.Post(Teams.Inventory, "receipts", report)).Expect(201);
        else (await _system.Post(Teams.UserSupport, $"returns/{returnId}/steps/item-received", new { device.SerialNumber, condition = "fine" })).Expect(200);

        (await Cancel(returnId)).Expect(409).Json.Text("detail")!.ShouldNotBeNullOrWhiteSpace();
        (await Cancel(returnId)).Expect(409);
        await _system.Tracked(returnId, seen => seen.Text("status") == "Completed", "goes on");
        (await _system.Get(Teams.UserSupport, $"returns/{returnId}")).Json.Text("status").ShouldBe(mode == "event" ? "Requested" : "Approved");
    }

    [Fact]
    public async Task Should_finish_by_itself_what_was_left_incomplete()
    {
        await _system.Processes.StopServiceAsync(Teams.Manufacturing);
        var answer = await _system.File(_system.Take(), "traditional");
        answer.Status.ShouldBeOneOf(502, 504);
        await _system.Processes.StartServiceAsync(Teams.Manufacturing);
        var returnId = answer.Json.Text("returnId")!;
        await Eventually.Within(
            Expectations.Soon,
            async () => (await _system.Get(Teams.UserSupport, $"returns/{returnId}")).Json.Text("status"),
            status => status == "Approved",
            $"{returnId} is approved");
        await _system.Settled(returnId);
        await _system.ShouldHaveDoneNothingTwice([returnId]);
    }

    private async Task<string> Filed(string mode)
    {
        var returnId = (await _system.File(_system.Take(), mode)).Json.Text("returnId")!;
        await _system.Settled(returnId);
        return returnId;
    }

    private Task<Answer> Cancel(string returnId, string? key = null) =>
        _system.Post(Teams.UserSupport, $"returns/{returnId}/cancel", new { reason = "The customer keeps the device." }, key ?? Guid.NewGuid().ToString());

    private Task<long> Facts(string returnId, string fact) => _system.Data.Count(
        Teams.UserSupport, $"select count(*) from ese.event_log where stream_id = @p0 and type = 'ese.user-support.{fact}.v1'", returnId);
}
