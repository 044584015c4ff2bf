using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.DemoData;

namespace EseErp.SystemTests;

/// <summary>Sales says no: both modes give the same reasons, and no team holds anything for the return.</summary>
public sealed class RejectionTests(RunningSystem system) : SystemTest(system)
{
    private static readonly Lazy<DemoExamples> Examples = new(() => DemoCatalogue.Create(DateOnly.FromDateTime(DateTime.UtcNow)).Examples);

    public static TheoryData<string> Refused => [.. Examples.Value.All.Where(example => example.Rejection is not null).Select(example => example.Name)];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Should_give_the_same_reasons_in_both_modes_and_release_everything(string name)
    {
        var example = System.Catalogue.Examples.All.Single(example => example.Name == name);
        await ShouldBeRejected(example.Return, example.Rejection!);
    }

    [Fact]
    public async Task Should_reject_a_device_that_is_already_on_its_way_back()
    {
        var device = System.Catalogue.Examples.ReturnedTwice.Return;
        var accepted = (await System.File(device, "event")).Expect(202).Json.Text("returnId")!;
        await System.Settled(accepted);
        await ShouldBeRejected(device, "AlreadyReturned");
        (await System.Closed(accepted)).Text("status").ShouldBe("Completed");
    }

    [Fact]
    public async Task Should_reject_a_device_of_another_model_than_the_line()
    {
        var device = System.Take();
        var other = System.Catalogue.Products.First(product => product.Sku != device.Sku).Sku;
        await ShouldBeRejected(device with { Sku = other }, "SerialNotOnLine");
    }

    private async Task ShouldBeRejected(DemoReturn device, string reason)
    {
        var byEvents = await RejectedByEvents(device);
        var byCalls = await RejectedByCalls(device);
        byEvents.Reasons.Select(given => given.ToString()).ShouldContain(reason);
        byEvents.Reasons.ShouldBe(byCalls.Reasons);
        (byEvents.State, byCalls.State).ShouldBe((OrderRefundState.Rejected, OrderRefundState.Rejected));
        (byEvents.Amount, byEvents.Currency, byEvents.CustomerId).ShouldBe((byCalls.Amount, byCalls.Currency, byCalls.CustomerId));
        await System.StockIsConsistent();
    }

    private async Task<OrderRefundRequestView> RejectedByEvents(DemoReturn device)
    {
        var returnId = (await System.File(device, "event")).Expect(202).Json.Text("returnId")!;
        var seen = await System.Closed(returnId);
        seen.Text("status").ShouldBe("Declined");
        (seen.Text("facets.disassembly.state"), seen.Text("facets.disposal.state")).ShouldBe(("Cancelled", "Reversed"));

        var shipment = (await System.Get(Teams.Inventory, $"shipment-requests/{returnId}")).As<ShipmentRequestView>();
        (shipment.State, shipment.Receipt.State).ShouldBe((ShipmentState.Cancelled, ReceiptState.Closed));
        (await System.Get(Teams.Manufacturing, $"disassembly-orders/{returnId}")).As<DisassemblyOrderView>().State.ShouldBe(DisassemblyState.Cancelled);
        (await System.Get(Teams.Accounting, $"asset-disposals/{returnId}")).As<AssetDisposalView>().State.ShouldBe(AssetDisposalState.Reversed);
        (await System.Get(Teams.Accounting, $"journal?returnId={returnId}")).Expect(200).Json.List("items").ShouldBeEmpty();
        return await Refund(returnId);
    }

    private async Task<OrderRefundRequestView> RejectedByCalls(DemoReturn device)
    {
        var answer = (await System.File(device, "traditional")).Expect(409).Json;
        var returnId = answer.Text("returnId")!;
        answer.Text("returnStatus").ShouldBe("Declined");
        var refund = await Refund(returnId);
        answer.List("reasons").Select(reason => reason.GetString()).ShouldBe(refund.Reasons.Select(reason => reason.ToString()));
        (await System.Closed(returnId)).Text("status").ShouldBe("Declined");
        foreach (var team in Teams.Documents.Keys) (await System.Documents(team, returnId)).ShouldBe(team == Teams.Sales ? 1 : 0, team);
        return refund;
    }

    private async Task<OrderRefundRequestView> Refund(string returnId) =>
        (await System.Get(Teams.Sales, $"order-refund-requests/{returnId}")).As<OrderRefundRequestView>();
}
