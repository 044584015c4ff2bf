using EseErp.Contracts;
using EseErp.Contracts.Sales;

namespace EseErp.Domain.Tests.Sales;

public sealed class ReturnWindowTests
{
    private static readonly DateTimeOffset Delivered = new(2026, 3, 15, 9, 30, 0, TimeSpan.Zero);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    public static TheoryData<ReturnReason> All => [.. Enum.GetValues<ReturnReason>()];

    [Theory]
    [MemberData(nameof(All))]
    public void Should_accept_at_the_last_moment_and_reject_right_after_it(ReturnReason reason)
    {
        var end = reason is ReturnReason.Defective or ReturnReason.WarrantyClaim ? Delivered.AddMonths(24) : Delivered.AddDays(30);

        Accepts(reason, Delivered, end).ShouldBeTrue();
        Accepts(reason, Delivered, end + Tick).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Should_accept_from_the_moment_of_delivery(ReturnReason reason)
    {
        Accepts(reason, Delivered, Delivered).ShouldBeTrue();
        Refunds.Request(reason: reason).Decided(Refunds.Order(Delivered, 10), now: Delivered - Tick)
            .ShouldHaveSingleItem().ShouldBeOfType<OrderRefundRejected>().Reasons.ShouldBe([RejectionReason.NotDelivered]);
    }

    [Theory]
    [InlineData("2024-02-29", "2026-02-28")]
    [InlineData("2024-08-31", "2026-08-31")]
    [InlineData("2025-02-28", "2027-02-28")]
    public void Should_count_24_months_by_the_calendar(string delivered, string lastDay)
    {
        var (start, end) = (Utc(delivered), Utc(lastDay));

        Accepts(ReturnReason.WarrantyClaim, start, end).ShouldBeTrue();
        Accepts(ReturnReason.WarrantyClaim, start, end + Tick).ShouldBeFalse();
    }

    [Theory]
    [InlineData("2024-02-29", "2024-03-30")]
    [InlineData("2026-12-31", "2027-01-30")]
    public void Should_count_30_days_as_days(string delivered, string lastDay)
    {
        var (start, end) = (Utc(delivered), Utc(lastDay));

        Accepts(ReturnReason.NoLongerWanted, start, end).ShouldBeTrue();
        Accepts(ReturnReason.NoLongerWanted, start, end + Tick).ShouldBeFalse();
    }

    private static bool Accepts(ReturnReason reason, DateTimeOffset delivered, DateTimeOffset now) =>
        Refunds.Request(reason: reason).Decided(Refunds.Order(delivered, 199.90m), now: now).Single() is OrderRefundAuthorized;

    private static DateTimeOffset Utc(string day) => new(DateOnly.Parse(day), TimeOnly.MinValue, TimeSpan.Zero);
}
