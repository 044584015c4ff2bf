using System.Text.Json;
using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.DemoData;
using EseErp.SystemTests.Scenarios;

namespace EseErp.SystemTests;

/// <summary>Which device is it? The serial number says so, to every team and in both modes.</summary>
[Collection(nameof(UnhurriedSystem))]
public sealed class DeviceTests(UnhurriedSystem unhurried)
{
    private readonly RunningSystem _system = unhurried.System;

    public static TheoryData<string> Modes => ["event", "traditional"];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Should_take_the_device_that_came_for_the_returned_one_once_Sales_accepts_it(string mode)
    {
        var (announced, came) = Two();
        var sent = new ReturnOnItsWay(_system, mode, announced);
        await sent.File();
        var (shelfOfAnnounced, shelfOfCame) = (await OnHand(announced.Sku), await OnHand(came.Sku));
        await sent.Receive(came.SerialNumber);
        await sent.Approve();
        await sent.Sales(refund => refund.State == OrderRefundState.Issued);

        // The device is in one return at a time, and it is not the one that was announced.
        (await Refused(came, mode)).ShouldBe([nameof(RejectionReason.AlreadyReturned)]);
        (await Decided(announced, mode)).State.ShouldBe(OrderRefundState.Authorized);
        (await Refund(sent)).Amount.ShouldBe(Line(came).NetPrice);
        var found = (await _system.Get(Teams.Tracking, $"returns?serialNumber={came.SerialNumber}")).Expect(200).Json.List("items");
        found.Select(seen => seen.Text("returnId")).ShouldContain(sent.ReturnId);

        // Its bill of materials, its value, its shelf.
        (await Fault(sent, "NO_SUCH_FAULT")).Body.ShouldContain(Product(came).FaultCodes[0]);
        await sent.Diagnose("ReturnToStock");
        await Eventually.Within(
            Expectations.Soon,
            async () => (await OnHand(announced.Sku), await OnHand(came.Sku)),
            // The replacement is one of the announced model.
            onHand => onHand == (shelfOfAnnounced - 1, shelfOfCame + 1),
            $"{sent} is on the shelf of {came.Sku}");
        var disposal = await Eventually.Within(
            Expectations.Soon,
            async () => (await _system.Get(Teams.Accounting, $"asset-disposals/{sent.ReturnId}")).As<AssetDisposalView>(),
            seen => seen.State == AssetDisposalState.Reversed, $"{sent} lives on");
        disposal.ProvisionalCost.ShouldBe(Product(came).LandedCost);
        (await Balances(sent)).ShouldBe(new Dictionary<string, decimal>
        {
            ["Cost of Goods Sold"] = -Product(came).LandedCost,
            ["Finished Goods"] = Product(came).LandedCost - Product(announced).LandedCost,
            ["Warranty Expense"] = Product(announced).LandedCost,
            ["Sales Returns"] = Line(came).NetPrice,
            ["Customer Refunds Payable"] = -Line(came).NetPrice,
        }, ignoreOrder: true);
        await _system.TrialBalanceIsZero();
        await _system.StockIsConsistent();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Should_take_the_device_apart_that_came(string mode)
    {
        var (announced, came) = Two();
        var sent = new ReturnOnItsWay(_system, mode, announced);
        await sent.File();
        await sent.Receive(came.SerialNumber);
        await sent.Approve();
        await sent.Diagnose("Scrap");
        await sent.TakeApart(came.Sku);

        var seen = await _system.Closed(sent.ReturnId);
        var order = (await _system.Get(Teams.Manufacturing, $"disassembly-orders/{sent.ReturnId}")).As<DisassemblyOrderView>();
        order.RecoveredValue.ShouldBe(Product(came).BillOfMaterials[0].UnitCost);
        seen.GetProperty("facets").GetProperty("disposal").GetProperty("disposalLoss").GetDecimal().ShouldBe(Product(came).LandedCost - order.RecoveredValue);
        (seen.Text("sku"), seen.Text("serialNumber")).ShouldBe((came.Sku, came.SerialNumber));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Should_sort_out_two_devices_that_were_swapped(string mode)
    {
        var (one, other) = Two();
        var (first, second) = (new ReturnOnItsWay(_system, mode, one), new ReturnOnItsWay(_system, mode, other));
        await first.File();
        await second.File();
        await first.Receive(other.SerialNumber);
        await second.Receive(one.SerialNumber);

        await first.Approve();
        await second.Approve();

        await first.Sales(refund => refund.State == OrderRefundState.Issued && refund.Amount == Line(other).NetPrice);
        await second.Sales(refund => refund.State == OrderRefundState.Issued && refund.Amount == Line(one).NetPrice);
        (await Refused(one, mode)).ShouldBe([nameof(RejectionReason.AlreadyReturned)]);
        (await Refused(other, mode)).ShouldBe([nameof(RejectionReason.AlreadyReturned)]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Should_take_a_replacement_back_for_money_if_none_was_given_for_the_original(string mode)
    {
        var device = Take();
        var replacement = device with { SerialNumber = await Replaced(device, mode, "Replace") };

        (await Refused(replacement with { Sku = "NOPE-1" }, mode)).ShouldBe([nameof(RejectionReason.SerialNotOnLine)]);
        var refund = await Decided(replacement, mode, "Refund");

        (refund.State, refund.Amount).ShouldBe((OrderRefundState.Authorized, Line(device).NetPrice));
        (await Refused(replacement, mode)).ShouldContain(nameof(RejectionReason.AlreadyReturned));
        (await Refused(device, mode)).ShouldContain(nameof(RejectionReason.AlreadyReturned));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Should_take_a_replacement_back_for_another_but_not_for_money_that_was_given_before(string mode)
    {
        var device = Take();
        var replacement = device with { SerialNumber = await Replaced(device, mode, "RefundAndReplace") };

        (await Refused(replacement, mode, "Refund")).ShouldBe([nameof(RejectionReason.NothingPaid)]);
        (await Refused(replacement, mode)).ShouldBe([nameof(RejectionReason.NothingPaid)]);
        // The replacement of a replacement is one too, with a number of its own.
        var next = await Replaced(replacement, mode, "Replace");

        next.ShouldNotBe(replacement.SerialNumber);
        (await Decided(device with { SerialNumber = next }, mode, "Replace")).State.ShouldBe(OrderRefundState.Authorized);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Should_reject_a_shipment_that_is_not_the_orders(string mode)
    {
        var (device, other) = Two();

        (await Refused(device, mode, shipmentId: other.ShipmentId)).ShouldBe(["ShipmentNotOfOrder"]);
        (await Decided(device, mode, shipmentId: device.ShipmentId)).State.ShouldBe(OrderRefundState.Authorized);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Should_expect_the_item_where_it_is_to_come_in_or_at_the_default(string mode)
    {
        foreach (var (named, expected) in new[] { ("WH-ZRH", "WH-ZRH"), ("WH-NOWHERE", "WH-MAIN"), (null, "WH-MAIN") })
        {
            var sent = new ReturnOnItsWay(_system, mode, Take());
            await sent.File(location: named);
            (await _system.Get(Teams.Inventory, $"shipment-requests/{sent.ReturnId}")).Expect(200).Json.Text("receipt.location").ShouldBe(expected);
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Should_make_no_reference_data_of_a_return(string mode)
    {
        var sku = $"NOPE-{mode.ToUpperInvariant()}";

        (await Refused(Take() with { Sku = sku, SerialNumber = "NOPE-0001" }, mode)).ShouldBe([nameof(RejectionReason.SerialNotOnLine)]);

        await _system.NothingIsWaiting();
        foreach (var (team, path) in new[]
                 {
                     (Teams.Inventory, "stock"), (Teams.Accounting, "costs"), (Teams.Accounting, "registry/landed-costs"),
                     (Teams.Manufacturing, "bills-of-materials"), (Teams.Manufacturing, "registry/products"),
                 })
            (await _system.Get(team, $"{path}/{sku}")).Status.ShouldBe(404, path);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Should_take_only_a_fault_that_the_model_can_have(string mode)
    {
        var sent = new ReturnOnItsWay(_system, mode, Take());
        await sent.File();
        await sent.Receive();

        var refused = (await Fault(sent, "NO_SUCH_FAULT")).Expect(422);
        refused.Body.ShouldContain("faultCode");
        foreach (var code in Product(sent.Device).FaultCodes) refused.Body.ShouldContain(code);
        (await Fault(sent, "NO_POWER")).Expect(200);
    }

    // Two devices of different models and orders.
    private (DemoReturn, DemoReturn) Two()
    {
        var one = Take();
        while (true)
        {
            var other = Take();
            if (other.Sku != one.Sku && other.OrderId != one.OrderId && Product(other).LandedCost != Product(one).LandedCost && Line(other).NetPrice != Line(one).NetPrice
                && Order(one).Currency == "EUR" && Order(other).Currency == "EUR")
                return (one, other);
            one = other;
        }
    }

    // For which what was paid is given back.
    private DemoReturn Take() => _system.Take() with { Reason = "Defective" };

    private DemoProduct Product(DemoReturn device) => _system.Catalogue.Products.Single(product => product.Sku == device.Sku);

    private DemoOrder Order(DemoReturn device) => _system.Catalogue.Orders.First(order => order.OrderId == device.OrderId);

    private DemoOrderLine Line(DemoReturn device) => Order(device).Lines.Single(line => line.LineId == device.LineId);

    private async Task<int> OnHand(string sku) => (await _system.Get(Teams.Inventory, $"stock/{sku}")).Expect(200).Json.GetProperty("onHand").GetInt32();

    private async Task<OrderRefundRequestView> Refund(ReturnOnItsWay sent) =>
        (await _system.Get(Teams.Sales, $"order-refund-requests/{sent.ReturnId}")).As<OrderRefundRequestView>();

    private async Task<OrderRefundRequestView> Decided(DemoReturn device, string mode, string? resolution = null, string? shipmentId = null)
    {
        var sent = new ReturnOnItsWay(_system, mode, device);
        await sent.File(resolution, shipmentId: shipmentId);
        return await Refund(sent);
    }

    private async Task<IReadOnlyList<string>> Refused(DemoReturn device, string mode, string? resolution = null, string? shipmentId = null)
    {
        var refund = await Decided(device, mode, resolution, shipmentId);
        refund.State.ShouldBe(OrderRefundState.Rejected);
        return [.. refund.Reasons.Select(reason => reason.ToString())];
    }

    // A return of the device goes all the way; the answer is the serial number of what the customer got instead.
    private async Task<string> Replaced(DemoReturn device, string mode, string resolution)
    {
        var sent = new ReturnOnItsWay(_system, mode, device);
        await sent.File(resolution);
        await sent.Receive();
        await sent.Diagnose("Scrap");
        var seen = await _system.Tracked(sent.ReturnId, seen => seen.Text("facets.replacement.state") == "Shipped", "is replaced");
        var serialNumber = (await _system.Get(Teams.Inventory, $"shipment-requests/{sent.ReturnId}")).Expect(200).Json.Text("replacementSerialNumber");
        serialNumber.ShouldNotBeNull();
        seen.Text("facets.replacement.serialNumber").ShouldBe(serialNumber);
        await _system.NothingIsWaiting();
        return serialNumber;
    }

    private async Task<Answer> Fault(ReturnOnItsWay sent, string faultCode)
    {
        await sent.Manufacturing(order => order.State == DisassemblyState.Received);
        var diagnosis = new { faultCode, disposition = "Scrap" };
        return sent.Mode == "event"
            ? await _system.Post(Teams.Manufacturing, $"disassembly-orders/{sent.ReturnId}/diagnosis", diagnosis, Guid.NewGuid().ToString())
            : await _system.Post(Teams.UserSupport, $"returns/{sent.ReturnId}/steps/diagnosed", diagnosis, Guid.NewGuid().ToString());
    }

    private async Task<Dictionary<string, decimal>> Balances(ReturnOnItsWay sent)
    {
        var entries = (await _system.Get(Teams.Accounting, $"journal?returnId={sent.ReturnId}")).Expect(200).Json.List("items");
        return entries.SelectMany(entry => entry.List("lines"))
            .GroupBy(line => line.Text("account")!, line => Amount(line, "debit") - Amount(line, "credit"))
            .Where(account => account.Sum() != 0)
            .ToDictionary(account => account.Key, account => account.Sum());

        static decimal Amount(JsonElement line, string side) => line.GetProperty(side).GetDecimal();
    }
}
