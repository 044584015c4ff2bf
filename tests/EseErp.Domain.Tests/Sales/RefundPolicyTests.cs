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
    public void Should_not_void_what_was_paid()
    {
        var life = new Lives(Refunds.Order(), Refunds.Request(), RefundPolicy.OnReceived);

        foreach (var happening in new[] { Happening.Decided, Happening.ItemReceived, Happening.Cancelled }) life.Happen(happening);

        life.Request.State.ShouldBe(OrderRefundState.Issued);
        life.Order.Refunded.ShouldBe(199.90m);
    }

    [Fact]
    public void Should_pay_at_most_once_and_never_what_was_voided_under_any_sequence() => Prop.ForAll(
        (from policy in Gen.Elements(Enum.GetValues<RefundPolicy>())
         from resolution in Gen.Elements(Enum.GetValues<Resolution>())
         from happenings in Lives.Events.ListOf()
         select (policy, resolution, happenings)).ToArbitrary(), story =>
        {
            var (policy, resolution, happenings) = story;
            var life = new Lives(Refunds.Order(), Refunds.Request(resolution: resolution), policy);

            foreach (var happening in happenings) life.Happen(happening);

            var issued = life.Facts.OfType<RefundIssued>().ToList();
            (issued.Count + life.Facts.OfType<RefundVoided>().Count()).ShouldBeLessThanOrEqualTo(1);
            life.Facts.OfType<OrderRefundAuthorized>().Count().ShouldBeLessThanOrEqualTo(1);
            (life.Request.IssuedAt is not null).ShouldBe(issued.Count == 1);
            (life.Request.State == OrderRefundState.Issued).ShouldBe(issued.Count == 1);
            foreach (var paid in issued) paid.Amount.ShouldBe(life.Facts.OfType<OrderRefundAuthorized>().Single().Amount);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
