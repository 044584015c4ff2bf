using EseErp.Accounting.Journal;

namespace EseErp.Domain.Tests.Accounting;

public sealed class AsOfTests
{
    [Theory]
    [InlineData("2026-11-20", "2026-11-20T23:59:59.999999Z")]
    [InlineData("2026-11-20T09:30:00Z", "2026-11-20T09:30:00Z")]
    [InlineData("2026-11-20T09:30:00.125+02:00", "2026-11-20T07:30:00.125Z")]
    [InlineData("2026-11-20T09:30", "2026-11-20T09:30:00Z")]
    [InlineData("9999-12-31", "9999-12-31T23:59:59.999999Z")]
    public void Should_take_a_date_with_all_of_its_day_and_a_moment_as_it_is(string text, string moment)
    {
        AsOf.TryParse(text, out var read).ShouldBeTrue();
        read.ShouldBe(DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("1/2/2026")]
    [InlineData("2026-13-45")]
    [InlineData("09:30")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    public void Should_refuse_what_is_neither(string text) => AsOf.TryParse(text, out _).ShouldBeFalse();
}
