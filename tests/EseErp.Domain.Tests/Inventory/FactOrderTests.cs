using EseErp.Contracts;
using EseErp.Contracts.Inventory;

namespace EseErp.Domain.Tests.Inventory;

/// <summary>
/// Order holds within a topic, never across topics. R: the request. A: Sales agrees. J: Sales refuses. X: the return is
/// cancelled. C: the item comes in, which nobody accepts before the request. S: stock comes in.
/// </summary>
public sealed class FactOrderTests
{
    private const string Id = "RMA-2026-000001";

    public static TheoryData<string, ReplacementTiming, int, ShipmentState> OneEnd() => new()
    {
        { "RA", ReplacementTiming.Advance, 1, ShipmentState.Shipped },
        { "RA", ReplacementTiming.OnReceipt, 1, ShipmentState.Reserved },
        { "RA", ReplacementTiming.Advance, 0, ShipmentState.Backordered },
        { "RAS", ReplacementTiming.Advance, 0, ShipmentState.Shipped },
        { "RAS", ReplacementTiming.OnReceipt, 0, ShipmentState.Reserved },
        { "RAC", ReplacementTiming.Advance, 1, ShipmentState.Shipped },
        { "RAC", ReplacementTiming.OnReceipt, 1, ShipmentState.Shipped },
        { "RACS", ReplacementTiming.Advance, 0, ShipmentState.Shipped },
        { "RACS", ReplacementTiming.OnReceipt, 0, ShipmentState.Shipped },
        { "RC", ReplacementTiming.OnReceipt, 1, ShipmentState.Reserved },
        { "RJ", ReplacementTiming.Advance, 1, ShipmentState.Cancelled },
        { "RJS", ReplacementTiming.Advance, 0, ShipmentState.Cancelled },
        { "RJX", ReplacementTiming.OnReceipt, 1, ShipmentState.Cancelled },
        { "RAX", ReplacementTiming.OnReceipt, 1, ShipmentState.Cancelled },
    };

    [Theory]
    [MemberData(nameof(OneEnd))]
    public void Should_end_in_the_same_state_whichever_fact_comes_first(string facts, ReplacementTiming timing, int units, ShipmentState end)
    {
        foreach (var order in Permutations.Of(facts).Where(order => !order.Contains('C') || order.IndexOf('R') < order.IndexOf('C')))
        {
            var warehouse = After(order, timing, units);

            warehouse[Id].State.ShouldBe(end, order);
            warehouse[Id].ReceiptState.ShouldBe(facts.Contains('C') ? ReceiptState.Received : end == ShipmentState.Cancelled ? ReceiptState.Closed : ReceiptState.Expected, order);
            warehouse.Facts.OfType<ReplacementShipped>().Count().ShouldBe(end == ShipmentState.Shipped ? 1 : 0, order);
            warehouse.Stock.Reserved.ShouldBe(end == ShipmentState.Reserved ? 1 : 0, order);
            warehouse.Stock.Backordered.ShouldBe(end == ShipmentState.Backordered ? 1 : 0, order);
        }
    }

    [Theory]
    [InlineData("RJC")]
    [InlineData("RXC")]
    [InlineData("RJXC")]
    public void Should_never_ship_against_a_refusal_even_if_the_item_is_in_first(string facts)
    {
        foreach (var timing in Enum.GetValues<ReplacementTiming>())
            foreach (var order in Permutations.Of(facts))
            {
                var warehouse = After(order, timing, 1);

                warehouse[Id].State.ShouldBe(ShipmentState.Cancelled, order);
                warehouse.Stock.Available.ShouldBe(1, order);
            }
    }

    [Fact]
    public void Should_either_ship_and_recall_or_cancel_when_a_cancellation_races_with_what_allows_shipping()
    {
        foreach (var timing in Enum.GetValues<ReplacementTiming>())
            foreach (var order in Permutations.Of("RAXC"))
            {
                var warehouse = After(order, timing, 1);

                var (shipped, cancelled) = (warehouse.Facts.OfType<ReplacementShipped>().Count(), warehouse.Facts.OfType<ReplacementCancelled>().Count());
                (shipped + cancelled).ShouldBe(1, order);
                warehouse[Id].State.ShouldBe(shipped == 1 ? ShipmentState.Recalled : ShipmentState.Cancelled, order);
                warehouse.Stock.OnHand.ShouldBe(1 - shipped, order);
                warehouse.TakeBackReplacement(Id);
                warehouse.Stock.OnHand.ShouldBe(1, order);
            }
    }

    // K: someone wants to cancel, which comes after the request: they share a topic. M: another device comes. Y: Sales accepts it.
    // W: the item need not come. Stock is there.
    [Theory]
    [InlineData("RKJ", ShipmentState.Cancelled, ReceiptState.Closed)]
    [InlineData("RAW", ShipmentState.Shipped, ReceiptState.Waived)]
    [InlineData("RAMY", ShipmentState.Shipped, ReceiptState.Received)]
    [InlineData("RAM", ShipmentState.Reserved, ReceiptState.Received)]
    [InlineData("RAMJ", ShipmentState.Cancelled, ReceiptState.Received)]
    [InlineData("RAKX", ShipmentState.Cancelled, ReceiptState.Closed)]
    public void Should_end_in_the_same_state_whichever_fact_of_an_end_comes_first(string facts, ShipmentState end, ReceiptState receipt)
    {
        foreach (var order in Permutations.Of(facts).Where(order => "KMW".All(letter => !order.Contains(letter) || order.IndexOf('R') < order.IndexOf(letter))
                     // Sales decides on a device that it has read of.
                     && (!order.Contains('M') || order.IndexOfAny(['J', 'Y']) is var said && (said < 0 || order.IndexOf('M') < said))))
        {
            var warehouse = After(order, ReplacementTiming.OnReceipt, 1);

            (warehouse[Id].State, warehouse[Id].ReceiptState).ShouldBe((end, receipt), order);
        }
    }

    private static Warehouse After(string order, ReplacementTiming timing, int units)
    {
        var warehouse = new Warehouse(units);
        foreach (var fact in order)
            switch (fact)
            {
                case 'R': warehouse.Open(Id, timing); break;
                case 'A': warehouse.Authorize(Id); break;
                case 'J' or 'X': warehouse.CallOff(Id); break;
                case 'C': warehouse.Receive(Id); break;
                case 'M': warehouse.Receive(Id, "OTHER"); break;
                case 'Y': warehouse.AcceptMismatch(Id); break;
                case 'K': warehouse.RequestCancellation(Id); break;
                case 'W': warehouse.Waive(Id); break;
                case 'S': warehouse.Replenish(1); break;
            }

        return warehouse;
    }
}
