using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Sales.Refunds;
using FsCheck;
using FsCheck.Fluent;
using static EseErp.Contracts.RejectionReason;

namespace EseErp.Domain.Tests.Sales;

public sealed class RejectionTests
{
    [Fact]
    public void Should_authorize_a_request_that_nothing_speaks_against() =>
        Refunds.Request().Decided(Refunds.Order()).ShouldBe([new OrderRefundAuthorized("RMA-2026-000001", "C-000001", 199.90m, "EUR")]);

    [Fact]
    public void Should_reject_an_order_that_does_not_exist() => Reasons(orderExists: false).ShouldBe([OrderUnknown]);

    [Fact]
    public void Should_reject_a_line_that_is_not_on_the_order() => Reasons(lineExists: false).ShouldBe([LineUnknown]);

    [Fact]
    public void Should_reject_a_device_that_is_not_on_the_line() => Reasons(serialMatches: false).ShouldBe([SerialNotOnLine]);

    [Fact]
    public void Should_reject_the_device_of_another_line_of_the_same_order() =>
        Rejected(Refunds.Request(line: 2, lineId: "1"), Refunds.Order()).ShouldBe([SerialNotOnLine]);

    [Fact]
    public void Should_reject_a_device_of_another_model_than_the_line() =>
        Refunds.Request().Decided(Refunds.Order(), sku: "CA-500-BLK").ShouldHaveSingleItem().ShouldBeOfType<OrderRefundRejected>()
            .Reasons.ShouldBe([SerialNotOnLine]);

    [Theory]
    [InlineData("hp210-26k7-0000001")]
    [InlineData("HP210\u201126K7\u20130000001")]
    [InlineData("\u200bHP210-26K7-0000001 ")]
    public void Should_know_a_device_however_its_number_is_written_and_keep_it_as_written(string serialNumber)
    {
        var life = new Lives(Refunds.Order(), Refunds.Request(serialNumber: serialNumber), RefundPolicy.OnReceived).After(Happening.Decided);
        life.Facts.ShouldHaveSingleItem().ShouldBeOfType<OrderRefundAuthorized>();
        life.Request.View().SerialNumber.ShouldBe(serialNumber);

        life.Facts.AddRange(life.Request.ItemReceived("hP210-26k7-0000001", default, Refunds.Now));
        life.Request.Review.ShouldBeNull();
    }

    [Theory]
    [InlineData(false, 0, true)]
    [InlineData(false, 10, true)]
    [InlineData(true, -10, true)]
    [InlineData(true, 0, true)]
    [InlineData(true, 10, false)]
    public void Should_let_a_device_come_back_again_only_under_an_order_that_is_younger_than_its_first_return(bool anotherOrder, int ordered, bool against)
    {
        var filed = Refunds.Order().OrderedAt.AddDays(-ordered);

        EseErp.Sales.Refunds.OrderRefundRequest.SpeaksAgainst(anotherOrder ? "SO-2026-000000" : "SO-2026-000001", filed, Refunds.Order()).ShouldBe(against);
        EseErp.Sales.Refunds.OrderRefundRequest.SpeaksAgainst("SO-2026-000000", filed, null).ShouldBeTrue();
    }

    [Fact]
    public void Should_reject_what_is_still_under_way() => Reasons(delivered: false).ShouldBe([NotDelivered]);

    [Fact]
    public void Should_reject_what_comes_too_late() => Reasons(inTime: false).ShouldBe([OutsideReturnWindow]);

    [Fact]
    public void Should_reject_a_device_that_was_returned_before() => Reasons(alreadyReturned: true).ShouldBe([AlreadyReturned]);

    [Fact]
    public void Should_reject_money_back_for_what_was_free() => Reasons(paid: false).ShouldBe([NothingPaid]);

    [Fact]
    public void Should_replace_what_was_free() => Reasons(paid: false, resolution: Resolution.Replace).ShouldBeEmpty();

    [Fact]
    public void Should_name_all_reasons_at_once() =>
        Reasons(serialMatches: false, inTime: false, alreadyReturned: true, paid: false)
            .ShouldBe([SerialNotOnLine, OutsideReturnWindow, AlreadyReturned, NothingPaid], ignoreOrder: true);

    [Fact]
    public void Should_name_exactly_the_reasons_that_apply_in_every_combination()
    {
        bool[] either = [true, false];
        var cases =
            from orderExists in either
            from lineExists in either
            from serialMatches in either
            from delivered in either
            from inTime in either
            from alreadyReturned in either
            from paid in either
            from resolution in Enum.GetValues<Resolution>()
            select (orderExists, lineExists, serialMatches, delivered, inTime, alreadyReturned, paid, resolution);

        foreach (var c in cases)
        {
            // What is not there has no further faults.
            var line = c.orderExists && c.lineExists;
            var expected = new List<RejectionReason>();
            if (!c.orderExists) expected.Add(OrderUnknown);
            if (c.orderExists && !c.lineExists) expected.Add(LineUnknown);
            if (line && !c.serialMatches) expected.Add(SerialNotOnLine);
            if (c.orderExists && !c.delivered) expected.Add(NotDelivered);
            if (c.orderExists && c.delivered && !c.inTime) expected.Add(OutsideReturnWindow);
            if (c.alreadyReturned) expected.Add(AlreadyReturned);
            if (line && !c.paid && c.resolution != Resolution.Replace) expected.Add(NothingPaid);

            Reasons(c.orderExists, c.lineExists, c.serialMatches, c.delivered, c.inTime, c.alreadyReturned, c.paid, c.resolution)
                .ShouldBe(expected, ignoreOrder: true, c.ToString());
        }
    }

    [Fact]
    public void Should_leave_the_money_of_the_order_alone_when_it_rejects()
    {
        var order = Refunds.Order();

        Refunds.Request().Decided(order, alreadyReturned: true);

        order.Refunded.ShouldBe(0);
    }

    [Fact]
    public void Should_decide_a_request_once()
    {
        var (order, request) = (Refunds.Order(), Refunds.Request());
        request.Decided(order);

        request.Decided(order).ShouldBeEmpty();

        order.Refunded.ShouldBe(199.90m);
    }

    [Fact]
    public void Should_stay_rejected_whatever_comes_later() => Prop.ForAll(Lives.Events.ListOf().ToArbitrary(), events =>
    {
        var life = new Lives(Refunds.Order(), Refunds.Request(lineId: "99"), default);
        life.Request.Decided(life.Order);

        foreach (var e in events) life.Happen(e);

        life.Request.State.ShouldBe(OrderRefundState.Rejected);
        life.Facts.ShouldBeEmpty();
    }).QuickCheckThrowOnFailure();

    private static List<RejectionReason> Reasons(
        bool orderExists = true, bool lineExists = true, bool serialMatches = true, bool delivered = true, bool inTime = true,
        bool alreadyReturned = false, bool paid = true, Resolution resolution = Resolution.RefundAndReplace)
    {
        var deliveredAt = delivered ? Refunds.Now.AddDays(inTime ? -1 : -31) : (DateTimeOffset?)null;
        var request = Refunds.Request(lineId: lineExists ? "1" : "99", serialNumber: serialMatches ? null : "SOMETHING-ELSE", resolution: resolution);
        return Rejected(request, orderExists ? Refunds.Order(deliveredAt, paid ? 199.90m : 0, 89.50m) : null, alreadyReturned);
    }

    private static List<RejectionReason> Rejected(EseErp.Sales.Refunds.OrderRefundRequest request, EseErp.Sales.Orders.Order? order, bool alreadyReturned = false)
    {
        var fact = request.Decided(order, alreadyReturned).ShouldHaveSingleItem();
        if (fact is OrderRefundAuthorized) return [];
        request.State.ShouldBe(OrderRefundState.Rejected);
        return fact.ShouldBeOfType<OrderRefundRejected>().Reasons.ToList();
    }
}
