using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Sales.Refunds;
using FsCheck;
using FsCheck.Fluent;

namespace EseErp.Domain.Tests.Sales;

public sealed class RefundTermsTests
{
    private static readonly Gen<(decimal Paid, decimal Left, RefundTerms Terms, ReturnReason Reason, string Currency)> Cases =
        from paid in Gen.Choose(1, 1_000_000)
        from left in Gen.Choose(0, 1_000_000)
        from factor in Gen.Choose(1, 100)
        from credit in Gen.Choose(0, 5_000)
        from reason in Gen.Elements(Enum.GetValues<ReturnReason>())
        from currency in Gen.Elements("EUR", "JPY", "KWD")
        select (paid / 100m, left / 100m, new RefundTerms(factor / 100m, credit / 100m), reason, currency);

    [Fact]
    public void Should_keep_a_restocking_fee_when_the_device_is_no_longer_wanted_and_show_each_step()
    {
        var request = Refunds.Request(reason: ReturnReason.NoLongerWanted);
        request.Decided(Refunds.Order());

        request.Amount.ShouldBe(169.92m);
        request.View().Valuation!.Select(step => (step.Operation, step.Value, step.Result)).ShouldBe(
        [
            (RefundStepOperation.PAID, 199.90m, 199.90m),
            (RefundStepOperation.MULTIPLY, 0.85m, 169.915m),
            (RefundStepOperation.ROUND, 169.92m, 169.92m),
        ]);
    }

    [Theory]
    [InlineData(ReturnReason.Defective)]
    [InlineData(ReturnReason.DamagedInTransit)]
    [InlineData(ReturnReason.WrongItem)]
    [InlineData(ReturnReason.NotAsDescribed)]
    [InlineData(ReturnReason.WarrantyClaim)]
    public void Should_refund_the_price_paid_where_the_fault_is_ours_and_cut_a_credit_off_there(ReturnReason reason)
    {
        new RefundTerms().Value(199.90m, 500m, reason, "EUR").Select(step => step.Result).ShouldBe([199.90m]);
        new RefundTerms(ShippingCredit: 9.90m).Value(199.90m, 500m, reason, "EUR").Select(step => (step.Operation, step.Result)).ShouldBe(
        [
            (RefundStepOperation.PAID, 199.90m), (RefundStepOperation.ADD, 209.80m), (RefundStepOperation.LIMIT, 199.90m),
        ]);
    }

    [Fact]
    public void Should_have_the_documented_defaults() => new RefundOptions().Terms.ShouldBe(new RefundTerms(RestockingFactor: 0.85m, ShippingCredit: 0));

    [Fact]
    public void Should_never_exceed_what_is_left_and_say_so() => Prop.ForAll(Cases.ToArbitrary(), given =>
    {
        var left = MinorUnits.Round(given.Left, given.Currency);
        var steps = given.Terms.Value(MinorUnits.Round(given.Paid, given.Currency), left, given.Reason, given.Currency);

        var amount = steps[^1].Result;
        amount.ShouldBeInRange(0, Math.Min(left, steps[0].Result));
        amount.ShouldBe(MinorUnits.Round(amount, given.Currency));
        // Each step follows from the one before.
        foreach (var (before, step) in steps.Zip(steps.Skip(1)))
        {
            step.Result.ShouldBe(step.Operation switch
            {
                RefundStepOperation.ADD => before.Result + step.Value,
                RefundStepOperation.MULTIPLY => before.Result * step.Value,
                RefundStepOperation.ROUND => MinorUnits.Round(before.Result, given.Currency),
                _ => Math.Min(before.Result, step.Value),
            });
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
