using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Inventory.Stock;
using FsCheck;
using FsCheck.Fluent;

namespace EseErp.Domain.Tests.Inventory;

public sealed class StockPropertyTests
{
    private sealed record Step(int Kind, int Return, int Quantity);

    private static readonly Arbitrary<List<Step>> Interleavings =
        (from kind in Gen.Choose(0, 14) from number in Gen.Choose(0, 11) from quantity in Gen.Choose(1, 3) select new Step(kind, number, quantity))
        .ListOf().Select(steps => steps.ToList()).ToArbitrary();

    [Fact]
    public void Should_keep_stock_in_order_under_any_interleaving() => Prop.ForAll(Interleavings, steps =>
    {
        var warehouse = new Warehouse(2);
        foreach (var step in steps)
        {
            Take(warehouse, step);
            TakeStock(warehouse);
        }
    }).Check(Runs);

    [Fact]
    public void Should_serve_those_who_wait_in_the_order_they_came() => Prop.ForAll(Interleavings, steps =>
    {
        var warehouse = new Warehouse();
        foreach (var step in steps) Take(warehouse, step);

        var waited = warehouse.Facts.OfType<ReplacementBackordered>().Select(fact => fact.ReturnId).ToList();
        var served = warehouse.Facts.OfType<ReplacementReserved>().Select(fact => fact.ReturnId).Where(waited.Contains).ToList();
        served.ShouldBe(waited.Where(served.Contains));
        // Whoever is still in line came after everyone who was served.
        var stillWaiting = waited.Where(id => warehouse[id].State == ShipmentState.Backordered).ToList();
        stillWaiting.ShouldAllBe(id => served.All(other => waited.IndexOf(other) < waited.IndexOf(id)));
    }).Check(Runs);

    [Fact]
    public void Should_refuse_what_would_break_the_stock()
    {
        var stock = new StockItem { Sku = "HP-210-BLK" };

        Should.Throw<InvalidOperationException>(stock.Release);
        Should.Throw<InvalidOperationException>(stock.Ship);
        Should.Throw<InvalidOperationException>(stock.LeaveLine);
        Should.Throw<InvalidOperationException>(stock.ReserveForFirstInLine);
        Should.Throw<InvalidOperationException>(() => stock.Replenish(0));
        Should.Throw<InvalidOperationException>(() => stock.Replenish(-1));
        (stock.OnHand, stock.Reserved, stock.Backordered).ShouldBe((0, 0, 0));
    }

    [Fact]
    public void Should_know_when_the_shelf_is_full()
    {
        var stock = Warehouse.Stocked(StockItem.LargestStock - 1);

        stock.HasRoomFor(1).ShouldBeTrue();
        stock.HasRoomFor(2).ShouldBeFalse();
        stock.HasRoomFor(int.MaxValue).ShouldBeFalse();
    }

    private static Config Runs => Config.QuickThrowOnFailure.WithMaxTest(500);

    private static void Take(Warehouse warehouse, Step step)
    {
        var id = $"RMA-{step.Return:D2}";
        switch (step.Kind)
        {
            case 0 or 1:
                warehouse.Open(
                    id, step.Return % 2 == 0 ? ReplacementTiming.Advance : ReplacementTiming.OnReceipt,
                    step.Return % 5 == 0 ? Resolution.Refund : Resolution.RefundAndReplace,
                    step.Return % 3 == 0 ? CoordinationMode.Traditional : CoordinationMode.Event);
                break;
            case 2 or 3: warehouse.Authorize(id); break;
            case 4 or 5: warehouse.Receive(id); break;
            case 6: warehouse.CallOff(id); break;
            case 7: warehouse.RequestCancellation(id); break;
            case 8: warehouse.Expire(id); break;
            case 9: warehouse.Waive(id); break;
            case 10: warehouse.Diagnose(id, Disposition.ReturnToStock); break;
            case 11: warehouse.TakeBackReplacement(id); break;
            case 12: warehouse.Deliver(id); break;
            case 13: warehouse.Receive(id, "OTHER"); break;
            case 14: warehouse.AcceptMismatch(id); break;
            default: warehouse.Replenish(step.Quantity); break;
        }
    }

    private static void TakeStock(Warehouse warehouse)
    {
        var stock = warehouse.Stock;
        var shipped = warehouse.Facts.OfType<ReplacementShipped>().Select(fact => fact.ReturnId).ToList();
        stock.OnHand.ShouldBeGreaterThanOrEqualTo(0);
        stock.Reserved.ShouldBeInRange(0, stock.OnHand);
        stock.Reserved.ShouldBe(warehouse.Requests.Count(request => request.State == ShipmentState.Reserved));
        stock.Backordered.ShouldBe(warehouse.Requests.Count(request => request.State == ShipmentState.Backordered));
        stock.Servable.ShouldBe(0, "someone waits while a unit is available");
        shipped.ShouldBeUnique();
        stock.OnHand.ShouldBe(warehouse.Delivered - shipped.Count
            + warehouse.Facts.OfType<RecalledUnitReturned>().Count() + warehouse.Facts.OfType<ItemRestocked>().Count());
    }
}
