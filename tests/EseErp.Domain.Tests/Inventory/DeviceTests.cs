using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Inventory.Shipments;
using EseErp.Inventory.Stock;

namespace EseErp.Domain.Tests.Inventory;

/// <summary>Which device is on which shelf, and which one left.</summary>
public sealed class DeviceTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Should_put_the_device_that_came_on_its_own_shelf_whichever_fact_comes_first(bool acceptedFirst)
    {
        var (announced, came) = (Warehouse.Stocked(1), new StockItem { Sku = "SB-1" });
        var request = Requested();
        List<object> facts = [.. request.Begin(announced, TimeSpan.FromDays(14)), .. request.RefundAuthorized(announced, Now), .. request.Receive("CAME-1", "fine", announced, Now)];

        if (acceptedFirst) facts.AddRange(request.AcceptMismatch(announced, Now, "SB-1", came));
        facts.AddRange(request.Diagnosed(Disposition.ReturnToStock, acceptedFirst ? came : announced));
        if (!acceptedFirst) facts.AddRange(request.AcceptMismatch(announced, Now, "SB-1", came));

        facts.OfType<ItemRestocked>().ShouldBe([new ItemRestocked(request.ReturnId, "SB-1")]);
        (announced.OnHand, came.OnHand, request.View().Receipt.Sku).ShouldBe((0, 1, "SB-1"));
        facts.OfType<ReplacementShipped>().Single().Sku.ShouldBe("HP-210-BLK");
    }

    [Fact]
    public void Should_give_a_replacement_a_number_of_its_own_when_it_leaves()
    {
        var (stock, request) = (Warehouse.Stocked(1), Requested());
        List<object> facts = [.. request.Begin(stock, TimeSpan.FromDays(14)), .. request.RefundAuthorized(stock, Now)];
        request.View().ReplacementSerialNumber.ShouldBeNull();

        facts.AddRange(request.Receive("SN-1", "fine", stock, Now));

        facts.OfType<ReplacementShipped>().Single().SerialNumber.ShouldBe("HP-210-BLK-R2026-000123");
        request.View().ReplacementSerialNumber.ShouldBe("HP-210-BLK-R2026-000123");
    }

    [Fact]
    public void Should_wait_for_a_model_that_is_not_kept_in_stock()
    {
        var request = Requested();

        request.Begin(null, TimeSpan.FromDays(14)).ToList().OfType<ReplacementBackordered>().Count().ShouldBe(1);
        request.Receive("SN-1", "fine", null, Now).ToList().ShouldHaveSingleItem();
        request.Diagnosed(Disposition.ReturnToStock, null).ToList().ShouldBeEmpty();
        request.PutOnShelf(new StockItem { Sku = "HP-210-BLK" }).ToList().ShouldHaveSingleItem().ShouldBeOfType<ItemRestocked>();
        request.CallOff("Never mind.", null).ToList().ShouldHaveSingleItem().ShouldBeOfType<ReplacementCancelled>();
    }

    [Theory]
    [InlineData("receive", ReplacementTiming.OnReceipt)]
    [InlineData("waive", ReplacementTiming.OnReceipt)]
    [InlineData("authorize", ReplacementTiming.Advance)]
    public void Should_keep_a_replacement_whose_device_came_back_in_another_return_until_a_person_accepts_what_came(string last, ReplacementTiming timing)
    {
        var (stock, request) = (Warehouse.Stocked(0), Requested(timing));
        List<object> facts = [.. request.Begin(stock, TimeSpan.FromDays(14)), .. request.GiveUpDevice()];

        if (last == "receive") facts.AddRange(request.Receive("SN-1", "fine", stock, Now));
        if (last == "waive") facts.AddRange(request.Waive("Keep it.", stock, Now));
        facts.AddRange(request.RefundAuthorized(stock, Now));
        stock.Replenish(1);
        facts.AddRange(request.Serve(stock, Now));
        facts.AddRange(request.Diagnosed(Disposition.ReturnToStock, stock));

        (request.State, facts.OfType<ItemRestocked>().Count()).ShouldBe((ShipmentState.Reserved, 0));
        facts = [.. request.AcceptMismatch(stock, Now, "HP-210-BLK", stock, "SN-1")];
        facts.OfType<ReplacementShipped>().Count().ShouldBe(1);
        facts.OfType<ItemRestocked>().Count().ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Should_let_the_replacement_go_once_a_device_that_was_in_another_return_is_received_or_waived_here(bool isReceived)
    {
        var (stock, request) = (Warehouse.Stocked(1), Requested(ReplacementTiming.Advance, CoordinationMode.Traditional));
        var other = Requested(id: "RMA-2026-000124");
        List<object> facts = [.. other.Begin(stock, TimeSpan.FromDays(14)), .. other.Receive("sn-1", "fine", stock, Now)];
        stock.Replenish(1);
        facts.AddRange(request.Begin(stock, TimeSpan.FromDays(14)));

        request.HasToLookForDevice.ShouldBeTrue();
        request.LookForDevice([other]);
        facts.AddRange(request.RefundAuthorized(stock, Now));
        facts.OfType<ReplacementShipped>().ShouldBeEmpty();

        facts.AddRange(isReceived ? request.Receive("SN-1", "fine", stock, Now) : request.Waive("Keep it.", stock, Now));
        facts.OfType<ReplacementShipped>().Count().ShouldBe(1);
    }

    private static ShipmentRequest Requested(
        ReplacementTiming timing = ReplacementTiming.OnReceipt, CoordinationMode coordination = CoordinationMode.Event, string id = "RMA-2026-000123") => new()
    {
        ReturnId = id,
        Sku = "HP-210-BLK",
        SerialNumber = "SN-1",
        Resolution = Resolution.RefundAndReplace,
        ReplacementTiming = timing,
        Coordination = coordination,
        RequestedAt = Now,
    };
}
