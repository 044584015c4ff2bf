using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;

namespace EseErp.SystemTests;

/// <summary>The main job: a device comes back and five teams do their part, in each mode.</summary>
public sealed class BothModesTests(RunningSystem system) : SystemTest(system)
{
    [Fact]
    public async Task Should_take_a_return_through_all_teams_in_event_mode()
    {
        var answer = (await System.File(System.Take(), "event")).Expect(202).Json;
        await ShouldComeToAnEnd(answer.Text("returnId")!, "event");
    }

    [Fact]
    public async Task Should_take_a_return_through_all_teams_in_traditional_mode()
    {
        var answer = (await System.File(System.Take(), "traditional")).Expect(201).Json;
        var returnId = answer.Text("returnId")!;
        foreach (var document in new[] { "refund", "shipment", "disassembly", "disposal" }) answer.Text($"documents.{document}.returnId").ShouldBe(returnId);
        answer.List("steps").Take(4).Select(step => step.Text("team")).ShouldBe(Teams.Documents.Keys);
        await ShouldComeToAnEnd(returnId, "traditional");
    }

    [Fact]
    public async Task Should_take_a_return_through_all_teams_in_traditional_mode_without_a_caller_who_waits()
    {
        var answer = (await System.File(System.Take(), "traditional-async")).Expect(202).Json;
        (answer.Text("mode"), answer.Text("status")).ShouldBe(("traditional-async", "Requested"));
        var returnId = answer.Text("returnId")!;
        await ShouldComeToAnEnd(returnId, "traditional-async");
        (await System.Get(Teams.UserSupport, $"returns/{returnId}")).Json.List("steps").Take(4).Select(step => step.Text("team")).ShouldBe(Teams.Documents.Keys);
    }

    private async Task ShouldComeToAnEnd(string returnId, string mode)
    {
        var seen = await System.Closed(returnId);
        (seen.Text("status"), seen.Text("mode")).ShouldBe(("Completed", mode));

        (await System.Get(Teams.Sales, $"order-refund-requests/{returnId}")).As<OrderRefundRequestView>().State.ShouldBe(OrderRefundState.Issued);
        (await System.Get(Teams.Inventory, $"shipment-requests/{returnId}")).As<ShipmentRequestView>().State.ShouldBe(ShipmentState.Shipped);
        (await System.Get(Teams.Manufacturing, $"disassembly-orders/{returnId}")).As<DisassemblyOrderView>().State.ShouldBe(DisassemblyState.Disassembled);
        (await System.Get(Teams.Accounting, $"asset-disposals/{returnId}")).As<AssetDisposalView>().State.ShouldBe(AssetDisposalState.Posted);

        var entries = (await System.Get(Teams.Accounting, $"journal?returnId={returnId}")).Expect(200).Json.List("items");
        entries.Select(entry => entry.Text("cause")).ShouldBe(
            [nameof(RefundIssued), nameof(ItemReceived), nameof(ReplacementShipped), nameof(DisassemblyCompleted)], ignoreOrder: true);
        entries.ShouldAllBe(entry => entry.List("lines").Sum(line => line.GetProperty("debit").GetDecimal() - line.GetProperty("credit").GetDecimal()) == 0);
        await System.TrialBalanceIsZero();

        var timeline = await System.Timeline(returnId);
        timeline.Select(item => item.Text("team")).Distinct().ShouldBe(Teams.Publishing, ignoreOrder: true);
        timeline.ShouldAllBe(item => item.Text("coordination") == mode.Replace("-async", ""));
        timeline.Select(item => item.Text("correlationId")).Distinct().Count().ShouldBe(1);
    }
}
