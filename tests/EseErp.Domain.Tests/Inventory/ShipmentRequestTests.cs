using EseErp.Contracts;
using EseErp.Contracts.Inventory;

namespace EseErp.Domain.Tests.Inventory;

public sealed class ShipmentRequestTests
{
    private const string Id = "RMA-2026-000001";

    [Theory]
    [InlineData(Resolution.RefundAndReplace, 1, ShipmentState.Reserved)]
    [InlineData(Resolution.Replace, 1, ShipmentState.Reserved)]
    [InlineData(Resolution.RefundAndReplace, 0, ShipmentState.Backordered)]
    [InlineData(Resolution.Refund, 1, ShipmentState.NotRequested)]
    public void Should_set_a_unit_aside_or_get_in_line_only_for_a_wanted_replacement(Resolution resolution, int units, ShipmentState state)
    {
        var warehouse = new Warehouse(units);

        warehouse.Open(Id, resolution: resolution);

        warehouse[Id].State.ShouldBe(state);
        warehouse.Stock.Reserved.ShouldBe(state == ShipmentState.Reserved ? 1 : 0);
        warehouse.Stock.Backordered.ShouldBe(state == ShipmentState.Backordered ? 1 : 0);
    }

    [Theory]
    [InlineData(Resolution.Refund)]
    [InlineData(Resolution.RefundAndReplace)]
    public void Should_expect_the_item_for_fourteen_days_whatever_the_customer_wants(Resolution resolution)
    {
        var warehouse = new Warehouse();

        warehouse.Open(Id, resolution: resolution);

        warehouse[Id].ReceiptState.ShouldBe(ReceiptState.Expected);
        warehouse.Facts.OfType<ReturnExpected>().ShouldHaveSingleItem().DueAt.ShouldBe(warehouse[Id].RequestedAt.AddDays(14));
    }

    // A: Sales agrees. C: the item comes in.
    [Theory]
    [InlineData(CoordinationMode.Event, ReplacementTiming.OnReceipt, "A", ShipmentState.Reserved)]
    [InlineData(CoordinationMode.Event, ReplacementTiming.OnReceipt, "C", ShipmentState.Reserved)]
    [InlineData(CoordinationMode.Event, ReplacementTiming.OnReceipt, "AC", ShipmentState.Shipped)]
    [InlineData(CoordinationMode.Event, ReplacementTiming.OnReceipt, "CA", ShipmentState.Shipped)]
    [InlineData(CoordinationMode.Event, ReplacementTiming.Advance, "A", ShipmentState.Shipped)]
    [InlineData(CoordinationMode.Event, ReplacementTiming.Advance, "C", ShipmentState.Reserved)]
    [InlineData(CoordinationMode.Event, ReplacementTiming.Advance, "CA", ShipmentState.Shipped)]
    [InlineData(CoordinationMode.Traditional, ReplacementTiming.OnReceipt, "", ShipmentState.Reserved)]
    [InlineData(CoordinationMode.Traditional, ReplacementTiming.OnReceipt, "C", ShipmentState.Shipped)]
    [InlineData(CoordinationMode.Traditional, ReplacementTiming.OnReceipt, "A", ShipmentState.Reserved)]
    [InlineData(CoordinationMode.Traditional, ReplacementTiming.Advance, "", ShipmentState.Reserved)]
    [InlineData(CoordinationMode.Traditional, ReplacementTiming.Advance, "A", ShipmentState.Shipped)]
    public void Should_ship_once_that_is_allowed_and_not_before(CoordinationMode mode, ReplacementTiming timing, string facts, ShipmentState state)
    {
        var warehouse = new Warehouse(1);
        warehouse.Open(Id, timing, coordination: mode);

        foreach (var fact in facts + facts) Happen(warehouse, fact);

        warehouse[Id].State.ShouldBe(state);
        warehouse.Stock.OnHand.ShouldBe(state == ShipmentState.Shipped ? 0 : 1);
        warehouse.Facts.OfType<ReplacementShipped>().Count().ShouldBe(state == ShipmentState.Shipped ? 1 : 0);
    }

    [Theory]
    [InlineData("C", ShipmentState.Reserved)]
    [InlineData("CA", ShipmentState.Shipped)]
    [InlineData("AC", ShipmentState.Shipped)]
    public void Should_hold_the_replacement_in_traditional_mode_until_a_person_at_Sales_has_decided(string facts, ShipmentState state)
    {
        var warehouse = new Warehouse(1);
        warehouse.Open(Id, coordination: CoordinationMode.Traditional, refundUnderReview: true);
        foreach (var fact in facts) Happen(warehouse, fact);
        warehouse[Id].State.ShouldBe(state);
    }

    [Fact]
    public void Should_take_the_announced_device_for_no_other_however_its_number_is_read()
    {
        var warehouse = new Warehouse(units: 1);
        warehouse.Open("R-1");
        warehouse.Authorize("R-1");

        warehouse.Receive("R-1", "hp210\u201126k7-0000423");

        warehouse["R-1"].State.ShouldBe(ShipmentState.Shipped);
        warehouse["R-1"].View().Receipt.ReceivedSerialNumber.ShouldBe("hp210\u201126k7-0000423");
    }

    [Fact]
    public void Should_keep_the_replacement_while_the_item_goes_back_to_the_customer_and_nobody_at_sales_has_agreed()
    {
        var warehouse = new Warehouse();
        warehouse.Open("R-1");
        warehouse.Authorize("R-1");
        warehouse.Receive("R-1");
        warehouse.Diagnose("R-1", Disposition.ReturnToCustomer);
        warehouse.Replenish(1);
        warehouse["R-1"].State.ShouldBe(ShipmentState.Reserved);

        warehouse.AcceptSentBack("R-1");

        warehouse["R-1"].State.ShouldBe(ShipmentState.Shipped);
    }

    [Fact]
    public void Should_ship_a_backordered_replacement_at_once_when_stock_comes_and_it_may_leave()
    {
        var warehouse = new Warehouse();
        warehouse.Open(Id, ReplacementTiming.Advance);
        warehouse.Authorize(Id);

        warehouse.Replenish(1);

        warehouse.Facts.Select(fact => fact.GetType()).ShouldBe(
            [typeof(ReturnExpected), typeof(ReplacementBackordered), typeof(ReplacementReserved), typeof(ReplacementShipped)]);
        warehouse.Stock.OnHand.ShouldBe(0);
    }

    [Theory]
    [InlineData("", 1, ShipmentState.Cancelled, ReceiptState.Closed)]
    [InlineData("", 0, ShipmentState.Cancelled, ReceiptState.Closed)]
    [InlineData("A", 1, ShipmentState.Recalled, ReceiptState.Closed)]
    [InlineData("C", 1, ShipmentState.Cancelled, ReceiptState.Received)]
    [InlineData("AC", 1, ShipmentState.Recalled, ReceiptState.Received)]
    public void Should_take_back_what_has_not_left_and_recall_what_has_when_the_return_is_called_off(string before, int units, ShipmentState state, ReceiptState receipt)
    {
        var warehouse = new Warehouse(units);
        warehouse.Open(Id, ReplacementTiming.Advance);
        foreach (var fact in before) Happen(warehouse, fact);

        warehouse.CallOff(Id);
        warehouse.CallOff(Id);

        (warehouse[Id].State, warehouse[Id].ReceiptState).ShouldBe((state, receipt));
        (warehouse.Stock.Reserved, warehouse.Stock.Backordered).ShouldBe((0, 0));
        warehouse.Facts.OfType<ReplacementCancelled>().Count().ShouldBe(state == ShipmentState.Cancelled ? 1 : 0);
        warehouse.Facts.OfType<ReplacementRecalled>().Count().ShouldBe(state == ShipmentState.Recalled ? 1 : 0);
    }

    [Fact]
    public void Should_give_a_released_unit_to_whoever_has_waited_longest()
    {
        var warehouse = new Warehouse(1);
        foreach (var id in new[] { "holder", "first", "second" }) warehouse.Open(id);

        warehouse.CallOff("holder");

        warehouse["first"].State.ShouldBe(ShipmentState.Reserved);
        warehouse["second"].State.ShouldBe(ShipmentState.Backordered);
    }

    [Fact]
    public void Should_not_let_a_new_request_overtake_one_that_waits()
    {
        var stock = Warehouse.Stocked(0);
        stock.JoinLine();
        stock.Replenish(1);

        stock.TryReserve().ShouldBeFalse();
    }

    [Fact]
    public void Should_receive_an_item_once()
    {
        var warehouse = new Warehouse(1);
        warehouse.Open(Id);
        warehouse.Receive(Id);

        warehouse[Id].ReasonNotToReceive.ShouldNotBeNull();
        warehouse[Id].Receive("ANOTHER", "broken", warehouse.Stock, default).ShouldBeEmpty();
        warehouse[Id].ReceivedSerialNumber.ShouldBe("HP210-26K7-0000423");
    }

    [Fact]
    public void Should_not_receive_the_item_of_a_return_that_was_called_off()
    {
        var warehouse = new Warehouse(1);
        warehouse.Open(Id);
        warehouse.CallOff(Id);

        warehouse[Id].ReasonNotToReceive.ShouldNotBeNull();
    }

    private static void Happen(Warehouse warehouse, char fact)
    {
        if (fact == 'A') warehouse.Authorize(Id);
        else warehouse.Receive(Id);
    }
}
