using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Sales.Refunds;

namespace EseErp.Domain.Tests.Sales;

public sealed class ReturnWindowTests
{
    private static readonly DateTimeOffset Delivered = new(2026, 3, 15, 9, 30, 0, TimeSpan.Zero);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    public static TheoryData<ReturnReason> All => [.. Enum.GetValues<ReturnReason>()];

    [Theory]
    [MemberData(nameof(All))]
    public void Should_accept_until_the_last_day_is_over(ReturnReason reason)
    {
        var lastDay = DateOnly.FromDateTime(Delivered.UtcDateTime);
        lastDay = reason is ReturnReason.Defective or ReturnReason.WarrantyClaim ? lastDay.AddMonths(24) : lastDay.AddDays(30);

        Accepts(reason, Delivered, EndOf(lastDay) - Tick).ShouldBeTrue();
        Accepts(reason, Delivered, EndOf(lastDay)).ShouldBeFalse();
    }

    // Sales may have been away meanwhile.
    [Fact]
    public void Should_judge_by_when_the_customer_filed_and_not_by_when_it_hears_of_it()
    {
        var (order, filed) = (Refunds.Order(Delivered, 199.90m), Delivered.AddDays(29));

        Refunds.Request(filedAt: filed).Decided(order, now: filed.AddDays(7)).ShouldHaveSingleItem().ShouldBeOfType<OrderRefundAuthorized>();
        Refunds.Request(filedAt: Delivered - Tick).Decided(order, now: filed).ShouldHaveSingleItem().ShouldBeOfType<OrderRefundRejected>()
            .Reasons.ShouldBe([RejectionReason.NotDelivered]);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Should_accept_from_the_moment_of_delivery(ReturnReason reason)
    {
        Accepts(reason, Delivered, Delivered).ShouldBeTrue();
        Accepts(reason, Delivered, Delivered - Tick).ShouldBeFalse();
    }

    [Theory]
    [InlineData("2024-02-29", "2026-02-28")]
    [InlineData("2024-08-31", "2026-08-31")]
    [InlineData("2025-02-28", "2027-02-28")]
    public void Should_count_24_months_by_the_calendar(string delivered, string lastDay)
    {
        Accepts(ReturnReason.WarrantyClaim, Utc(delivered), EndOf(DateOnly.Parse(lastDay)) - Tick).ShouldBeTrue();
        Accepts(ReturnReason.WarrantyClaim, Utc(delivered), EndOf(DateOnly.Parse(lastDay))).ShouldBeFalse();
    }

    [Theory]
    [InlineData("2024-02-29", "2024-03-30")]
    [InlineData("2026-12-31", "2027-01-30")]
    public void Should_count_30_days_as_days(string delivered, string lastDay)
    {
        Accepts(ReturnReason.NoLongerWanted, Utc(delivered), EndOf(DateOnly.Parse(lastDay)) - Tick).ShouldBeTrue();
        Accepts(ReturnReason.NoLongerWanted, Utc(delivered), EndOf(DateOnly.Parse(lastDay))).ShouldBeFalse();
    }

    // Berlin: UTC+1, in summer UTC+2. A parcel of 29 February, 23:30 UTC, came on 1 March there.
    [Theory]
    [InlineData("Europe/Berlin", "2024-02-29T23:30Z", "2024-03-31T21:59:59Z", true)]
    [InlineData("Europe/Berlin", "2024-02-29T23:30Z", "2024-03-31T22:00:00Z", false)]
    [InlineData("Europe/Berlin", "2024-10-10T10:00Z", "2024-11-09T22:59:59Z", true)]
    [InlineData("Europe/Berlin", "2024-10-10T10:00Z", "2024-11-09T23:00:00Z", false)]
    [InlineData("America/Los_Angeles", "2024-03-01T01:00Z", "2024-03-31T06:59:59Z", true)]
    [InlineData("America/Los_Angeles", "2024-03-01T01:00Z", "2024-03-31T07:00:00Z", false)]
    public void Should_count_days_in_the_companys_time_zone_across_a_change_of_its_clocks(string timeZone, string delivered, string filed, bool accepted)
    {
        var (start, end) = (DateTimeOffset.Parse(delivered), DateTimeOffset.Parse(filed));

        Refunds.Request(filedAt: end).Decide(Refunds.Order(start, 199.90m), Refunds.Sku, false, default, end, new RefundOptions { TimeZone = timeZone }.Terms)
            .Any(fact => fact is OrderRefundAuthorized).ShouldBe(accepted);
    }

    [Fact]
    public void Should_not_start_with_a_time_zone_that_does_not_exist()
    {
        RefundOptions.CheckTimeZone("Europe/Berlin").ShouldBeNull();
        RefundOptions.CheckTimeZone("Europe/Berlim").ShouldNotBeNull().ErrorMessage.ShouldNotBeNull().ShouldContain("Europe/Berlim");
    }

    private static bool Accepts(ReturnReason reason, DateTimeOffset delivered, DateTimeOffset filed) =>
        Refunds.Request(reason: reason, filedAt: filed).Decided(Refunds.Order(delivered, 199.90m), now: filed.AddDays(1)).Single() is OrderRefundAuthorized;

    private static DateTimeOffset Utc(string day) => new(DateOnly.Parse(day), TimeOnly.MinValue, TimeSpan.Zero);

    private static DateTimeOffset EndOf(DateOnly day) => new(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
}
