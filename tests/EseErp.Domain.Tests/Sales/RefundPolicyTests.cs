using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Sales.Refunds;
using FsCheck;
using FsCheck.Fluent;

namespace EseErp.Domain.Tests.Sales;

public sealed class RefundPolicyTests
{
    [Theory]
    [InlineData(RefundPolicy.OnAuthorized, 0)]
    [InlineData(RefundPolicy.OnReceived, 1)]
    [InlineData(RefundPolicy.OnDiagnosed, 2)]
    public void Should_pay_at_the_moment_the_policy_names(RefundPolicy policy, int moment)
    {
        var life = new Lives(Refunds.Order(), Refunds.Request(), policy);
        Happening[] happenings = [Happening.Decided, Happening.ItemReceived, Happening.ItemDiagnosed];

        for (var i = 0; i < happenings.Length; i++)
        {
            life.Happen(happenings[i]);
            life.Facts.OfType<RefundIssued>().Count().ShouldBe(i < moment ? 0 : 1, happenings[i].ToString());
        }

        life.Facts.OfType<RefundIssued>().Single().ShouldBe(new RefundIssued("RMA-2026-000001", 199.90m, "EUR"));
        life.Request.IssuedAt.ShouldBe(Refunds.Now);
    }

    [Fact]
    public void Should_pay_on_receipt_unless_told_otherwise() => new RefundOptions().Policy.ShouldBe(RefundPolicy.OnReceived);

    [Theory]
    [InlineData(RefundPolicy.OnAuthorized)]
    [InlineData(RefundPolicy.OnReceived)]
    [InlineData(RefundPolicy.OnDiagnosed)]
    public void Should_owe_and_pay_nothing_for_a_replacement_alone(RefundPolicy policy)
    {
        var life = new Lives(Refunds.Order(), Refunds.Request(resolution: Resolution.Replace), policy);

        foreach (var happening in new[] { Happening.Decided, Happening.ItemReceived, Happening.ItemDiagnosed }) life.Happen(happening);

        life.Facts.ShouldBe([new OrderRefundAuthorized("RMA-2026-000001", "C-000001", 0, "EUR")]);
        life.Order.Refunded.ShouldBe(0);
    }

    [Fact]
    public void Should_not_pay_what_was_called_off()
    {
        var life = new Lives(Refunds.Order(), Refunds.Request(), RefundPolicy.OnReceived);

        foreach (var happening in new[] { Happening.Decided, Happening.Cancelled, Happening.ItemReceived }) life.Happen(happening);

        life.Facts[^1].ShouldBe(new RefundVoided("RMA-2026-000001", "Called off."));
        life.Order.Refunded.ShouldBe(0);
    }

    [Fact]
    public void Should_ask_a_person_about_what_was_paid_when_the_return_ends()
    {
        var life = new Lives(Refunds.Order(), Refunds.Request(), RefundPolicy.OnReceived);

        foreach (var happening in new[] { Happening.Decided, Happening.ItemReceived, Happening.Cancelled }) life.Happen(happening);

        (life.Request.State, life.Request.Review).ShouldBe((OrderRefundState.ManualReview, RefundReview.Recovery));
        life.Facts.OfType<RefundVoided>().ShouldBeEmpty();
        life.Order.Refunded.ShouldBe(199.90m);
    }

    [Fact]
    public void Should_pay_at_most_once_and_never_what_was_voided_under_any_sequence() => Prop.ForAll(
        (from policy in Gen.Elements(Enum.GetValues<RefundPolicy>())
         from resolution in Gen.Elements(Enum.GetValues<Resolution>())
         from reviewAbove in Gen.Elements(0m, 1_000m)
         from happenings in Lives.Events.ListOf()
         select (policy, resolution, reviewAbove, happenings)).ToArbitrary(), story =>
        {
            var life = new Lives(Refunds.Order(), Refunds.Request(resolution: story.resolution), story.policy, new RefundTerms(ReviewAbove: story.reviewAbove));

            foreach (var happening in story.happenings) life.Happen(happening);

            var issued = life.Facts.OfType<RefundIssued>().ToList();
            (issued.Count + life.Facts.OfType<RefundVoided>().Count()).ShouldBeLessThanOrEqualTo(1);
            life.Facts.OfType<OrderRefundAuthorized>().Count().ShouldBeLessThanOrEqualTo(1);
            life.Facts.OfType<RefundRecovered>().Count().ShouldBeLessThanOrEqualTo(issued.Count);
            life.Facts.OfType<RefundUpheld>().Count().ShouldBeLessThanOrEqualTo(issued.Count);
            (life.Request.IssuedAt is not null).ShouldBe(issued.Count == 1);
            if (life.Request.State == OrderRefundState.Issued) issued.Count.ShouldBe(1);
            (life.Request.State == OrderRefundState.ManualReview).ShouldBe(life.Request.Review is not null);
            foreach (var paid in issued) paid.Amount.ShouldBe(life.Facts.OfType<OrderRefundAuthorized>().Single().Amount);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
}
