using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Sales.Refunds;
using FsCheck;
using FsCheck.Fluent;

namespace EseErp.Domain.Tests.Sales;

public sealed class RefundAmountTests
{
    private const int RequestCount = 6;

    // An order of one to three lines, and what happens in turn to six requests for them.
    private static readonly Gen<(List<int> Cents, RefundPolicy Policy, List<(int Request, Happening What)> Story)> Orders =
        from cents in Gen.Choose(0, 50_000).NonEmptyListOf()
        from policy in Gen.Elements(Enum.GetValues<RefundPolicy>())
        from story in Gen.Choose(0, RequestCount - 1).Zip(Lives.Events, (request, what) => (request, what)).ListOf()
        select (cents.Take(3).ToList(), policy, story);

    [Fact]
    public void Should_refund_what_was_paid_for_the_line_and_not_its_list_price()
    {
        var request = Refunds.Request(line: 2);

        request.Decided(Refunds.Order());

        request.Amount.ShouldBe(89.50m);
    }

    [Fact]
    public void Should_refund_no_more_than_is_left_of_the_order()
    {
        var (order, request) = (Refunds.Order(), Refunds.Request());
        order.Refunded = 200m;

        request.Decided(order);

        request.Amount.ShouldBe(89.40m);
        order.Refunded.ShouldBe(order.Paid);
    }

    // The credit of the first line once took what the second had paid, which was then authorized and paid with zero.
    [Fact]
    public void Should_not_pay_a_credit_out_of_what_another_line_paid()
    {
        var (order, terms) = (Refunds.Order(Refunds.Now.AddDays(-1), 199.90m, 40m), new RefundTerms(ShippingCredit: 50));
        var lives = Enumerable.Range(1, 2).Select(line => new Lives(
            order, Refunds.Request(line, ReturnReason.Defective, returnId: $"RMA-2026-00000{line}"), default, terms).After(Happening.Decided)).ToList();

        lives.Select(life => life.Request.Amount).ShouldBe([199.90m, 40m]);
    }

    [Theory]
    [InlineData("0.40", "0", "0.01")]
    [InlineData("199.90", "199.90", "0.85")]
    public void Should_reject_what_comes_to_zero_instead_of_paying_it(string price, string refunded, string factor)
    {
        var order = Refunds.Order(Refunds.Now.AddDays(-1), decimal.Parse(price));
        order.Refunded = decimal.Parse(refunded);
        var life = new Lives(order, Refunds.Request(reason: ReturnReason.NoLongerWanted), RefundPolicy.OnAuthorized, new RefundTerms(decimal.Parse(factor)));

        life.After(Happening.Decided, Happening.ItemReceived);

        life.Facts.ShouldHaveSingleItem().ShouldBeOfType<OrderRefundRejected>().Reasons.ShouldBe([RejectionReason.NothingPaid]);
        order.Refunded.ShouldBe(decimal.Parse(refunded));
    }

    [Fact]
    public void Should_free_the_money_of_a_refund_that_is_called_off()
    {
        var (order, request) = (Refunds.Order(), Refunds.Request());
        request.Decided(order);

        request.End("Called off.", order, RefundPolicy.OnReceived, Refunds.Now).ToList().ShouldHaveSingleItem();

        order.Refunded.ShouldBe(0);
        Refunds.Request(returnId: "RMA-2026-000002").Decided(order).Single().ShouldBeOfType<OrderRefundAuthorized>().Amount.ShouldBe(199.90m);
    }

    [Fact]
    public void Should_never_refund_more_than_was_paid_and_not_yet_refunded() => Check(knowsOtherReturns: true, lives =>
    {
        foreach (var line in lives.Where(life => life.Blocks).GroupBy(life => life.Request.LineId))
            line.Count(life => life.Request.State != OrderRefundState.Pending).ShouldBeLessThanOrEqualTo(1);
        foreach (var authorized in lives.Where(life => life.Facts.OfType<OrderRefundAuthorized>().Any()))
            authorized.Request.Amount.ShouldBe(authorized.Order.Lines.Single(line => line.LineId == authorized.Request.LineId).NetPrice);
    });

    // The limit of the order is the second defence, should one device ever be accepted twice.
    [Fact]
    public void Should_never_refund_more_than_was_paid_even_for_a_device_accepted_twice() => Check(knowsOtherReturns: false, _ => { });

    // A credit for shipping must not be paid out of another line's money beyond what the customer paid.
    [Fact]
    public void Should_never_refund_more_than_was_paid_with_a_shipping_credit() =>
        Check(knowsOtherReturns: true, _ => { }, new RefundTerms(ShippingCredit: 9.90m));

    [Fact]
    public void Should_never_refund_more_than_was_paid_when_people_decide() =>
        Check(knowsOtherReturns: true, _ => { }, new RefundTerms(ReviewAbove: 50));

    private static void Check(bool knowsOtherReturns, Action<List<Lives>> alsoHolds, RefundTerms? terms = null) => Prop.ForAll(Orders.ToArbitrary(), given =>
    {
        var order = Refunds.Order(Refunds.Now.AddDays(-1), given.Cents.Select(cents => cents / 100m).ToArray());
        var lives = Enumerable.Range(0, RequestCount)
            .Select(i => new Lives(order, Refunds.Request(line: i % order.Lines.Count + 1, returnId: $"RMA-2026-00000{i}"), given.Policy, terms))
            .ToList();

        foreach (var (request, what) in given.Story)
        {
            var life = lives[request];
            life.Happen(what, alreadyReturned: knowsOtherReturns && lives.Any(other => other != life
                && other.Request.LineId == life.Request.LineId && other.Blocks && other.Request.State != OrderRefundState.Pending));
            order.Refunded.ShouldBeInRange(0, order.Paid);
            order.Refunded.ShouldBe(lives.Where(other => other.Blocks).Sum(other => other.Request.Amount));
        }

        lives.SelectMany(life => life.Facts).OfType<RefundIssued>().Sum(issued => issued.Amount)
            .ShouldBeLessThanOrEqualTo(order.Paid + lives.SelectMany(life => life.Facts).OfType<RefundRecovered>().Sum(recovered => recovered.Amount));
        lives.SelectMany(life => life.Facts).OfType<RefundIssued>().ShouldAllBe(issued => issued.Amount > 0);
        alsoHolds(lives);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
