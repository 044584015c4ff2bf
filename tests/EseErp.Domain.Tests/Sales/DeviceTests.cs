using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Sales.Orders;
using EseErp.Sales.Refunds;
using static EseErp.Contracts.RejectionReason;

namespace EseErp.Domain.Tests.Sales;

/// <summary>Which device a return takes back, and whose money it gives back.</summary>
public sealed class DeviceTests
{
    private const string Replacement = "HP-210-BLK-R2026-000001";

    [Theory]
    [InlineData(false, new[] { NothingPaid })]
    [InlineData(true, new[] { AlreadyReturned })]
    public void Should_refund_a_line_once(bool alreadyReturned, RejectionReason[] reasons) =>
        Refunds.Request().Decide(Refunds.Order(), Refunds.Sku, alreadyReturned, default, Refunds.Now, history: new LineHistory(IsRefunded: true)).ToList()
            .ShouldHaveSingleItem().ShouldBeOfType<OrderRefundRejected>().Reasons.ShouldBe(reasons);

    [Theory]
    [InlineData(ReturnReason.WrongItem, 31, true, true)]
    [InlineData(ReturnReason.WrongItem, 31, false, false)]
    [InlineData(ReturnReason.DamagedInTransit, 700, true, true)]
    [InlineData(ReturnReason.Defective, 760, true, false)]
    [InlineData(ReturnReason.NoLongerWanted, 30, true, true)]
    [InlineData(ReturnReason.NoLongerWanted, 31, true, false)]
    public void Should_take_a_replacement_back_within_the_warranty_of_the_original(ReturnReason reason, int days, bool isReplacement, bool inTime)
    {
        var request = Refunds.Request(reason: reason, resolution: Resolution.Replace, serialNumber: isReplacement ? Replacement : null);

        var facts = request.Decide(
            Refunds.Order(Refunds.Now.AddDays(-days), 199.90m), Refunds.Sku, false, default, Refunds.Now, history: new LineHistory(true, isReplacement)).ToList();

        if (inTime) facts.ShouldHaveSingleItem().ShouldBeOfType<OrderRefundAuthorized>();
        else facts.ShouldHaveSingleItem().ShouldBeOfType<OrderRefundRejected>().Reasons.ShouldBe([OutsideReturnWindow]);
    }

    [Theory]
    [InlineData(RefundPolicy.OnReceived, 45.00, 0.00, 45.00)]
    [InlineData(RefundPolicy.OnAuthorized, 199.90, 199.90, 0.00)]
    public void Should_give_back_what_was_paid_for_the_device_that_came_unless_it_was_paid_before(RefundPolicy policy, double amount, double announced, double came)
    {
        var (order, other, request) = (Refunds.Order(), Sold(45), Refunds.Request());
        request.Decided(order, policy: policy);
        request.ItemReceived("CAME-1", policy, Refunds.Now).ToList().ShouldNotBeEmpty();

        var facts = request.Approve("So be it.", order, policy, Refunds.Now, Came(other)).ToList();

        facts.OfType<ItemMismatchAccepted>().Single().ShouldBe(
            new ItemMismatchAccepted(request.ReturnId, "So be it.", "CAME-1", "SB-1", (decimal)amount, policy == RefundPolicy.OnReceived ? "CHF" : "EUR"));
        (request.DeviceKey, request.DeviceOrderId, request.Amount).ShouldBe(("CAME-1", "SO-OTHER", (decimal)amount));
        (order.Refunded, other.Refunded).ShouldBe(((decimal)announced, (decimal)came));
        request.View().Returned.ShouldBe(new DeviceView("SB-1", "CAME-1"));
    }

    [Fact]
    public void Should_take_a_device_that_was_never_sold_for_one_of_the_announced_model()
    {
        var (order, request) = (Refunds.Order(), Refunds.Request());
        request.Decided(order);
        request.ItemReceived("FOUND-1", default, Refunds.Now).ToList().ShouldNotBeEmpty();

        request.ReasonNotToTakeInstead(null, false, new RefundTerms()).ShouldBeNull();
        request.Approve(null, order, RefundPolicy.OnReceived, Refunds.Now).ToList().OfType<RefundIssued>().Single().Amount.ShouldBe(199.90m);

        (request.DeviceKey, request.DeviceOrderId, order.Refunded).ShouldBe(("FOUND-1", order.OrderId, 199.90m));
    }

    [Fact]
    public void Should_not_accept_a_device_that_is_in_another_return_or_of_which_nothing_is_left_to_pay()
    {
        var (order, request) = (Refunds.Order(), Refunds.Request());
        request.Decided(order);
        request.ItemReceived("CAME-1", default, Refunds.Now).ToList().ShouldNotBeEmpty();
        var spent = Sold(45);
        spent.Refunded = 45;

        request.ReasonNotToTakeInstead(Came(Sold(45)), true, new RefundTerms()).ShouldBe(AlreadyReturned);
        request.ReasonNotToTakeInstead(Came(Sold(0)), false, new RefundTerms()).ShouldBe(NothingPaid);
        request.ReasonNotToTakeInstead(Came(spent), false, new RefundTerms()).ShouldBe(NothingPaid);
        request.ReasonNotToTakeInstead(Came(spent) with { Freed = 45 }, false, new RefundTerms()).ShouldBeNull();
    }

    [Fact]
    public void Should_ask_a_person_before_anything_is_paid_for_a_device_that_came_back_in_another_return()
    {
        var (order, request) = (Refunds.Order(), Refunds.Request());
        request.Decided(order);
        request.HasItsDevice.ShouldBeFalse();

        request.GiveUpDevice("RMA-2026-000002", order).ShouldBe(new DeviceGivenUp(request.ReturnId, request.SerialNumber, "RMA-2026-000002"));

        (request.DeviceKey, order.Refunded).ShouldBe(("", 0));
        request.ItemReceived(request.SerialNumber, default, Refunds.Now).ToList().ShouldHaveSingleItem().ShouldBeOfType<OrderRefundReferred>();
        request.HasItsDevice.ShouldBeFalse();
        request.Decline("It is in already.", null).ToList().ShouldHaveSingleItem().ShouldBeOfType<OrderRefundRejected>();
        order.Refunded.ShouldBe(0);
    }

    [Theory]
    [InlineData(RefundPolicy.OnAuthorized)]
    [InlineData(RefundPolicy.OnReceived)]
    [InlineData(RefundPolicy.OnDiagnosed)]
    public void Should_not_pay_for_a_device_that_came_back_in_another_return_when_a_person_approves_the_amount(RefundPolicy policy)
    {
        var (order, request) = (Refunds.Order(), Refunds.Request());
        request.Decide(order, Refunds.Sku, false, policy, Refunds.Now, new RefundTerms(ReviewAbove: 100)).ToList().ShouldHaveSingleItem().ShouldBeOfType<OrderRefundReferred>();
        request.GiveUpDevice("RMA-2026-000002", order).ShouldBe(new DeviceGivenUp(request.ReturnId, request.SerialNumber, "RMA-2026-000002"));

        List<object> facts = [.. request.Approve(null, null, policy, Refunds.Now)];
        facts.AddRange(request.ItemWaived(policy, Refunds.Now));

        facts.OfType<RefundIssued>().ShouldBeEmpty();
        (request.IssuedAt, order.Refunded, request.Review).ShouldBe((null, 0, RefundReview.Mismatch));
    }

    [Fact]
    public void Should_take_its_own_device_after_all_once_no_other_return_has_it()
    {
        var (order, request) = (Refunds.Order(), Refunds.Request());
        request.Decided(order);
        request.GiveUpDevice("RMA-2026-000002", order).ShouldBe(new DeviceGivenUp(request.ReturnId, request.SerialNumber, "RMA-2026-000002"));
        request.ItemWaived(default, Refunds.Now).ToList().ShouldHaveSingleItem().ShouldBeOfType<OrderRefundReferred>();

        var facts = request.Approve(null, null, RefundPolicy.OnReceived, Refunds.Now, new SoldDevice(order, order.Lines[0], Refunds.Sku, LineHistory.None)).ToList();

        facts.OfType<RefundIssued>().Single().Amount.ShouldBe(199.90m);
        request.DeviceKey.ShouldBe(request.SerialNumber);
    }

    private static SoldDevice Came(Order order) => new(order, order.Lines[0], "SB-1", LineHistory.None);

    private static Order Sold(decimal netPrice) => new()
    {
        OrderId = "SO-OTHER",
        CustomerId = "C-2",
        Currency = "CHF",
        OrderedAt = Refunds.Now.AddDays(-9),
        ShipmentId = "SH-2",
        Lines = [new OrderLine { LineId = "7", Sku = "SB-1", SerialNumber = "CAME-1", ListPrice = 50, NetPrice = netPrice }],
    };
}
