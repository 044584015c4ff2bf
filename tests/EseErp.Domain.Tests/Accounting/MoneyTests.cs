using EseErp.Accounting.Journal;

namespace EseErp.Domain.Tests.Accounting;

public sealed class MoneyTests
{
    [Theory]
    [InlineData("10.125", "EUR", "10.12")]
    [InlineData("10.135", "EUR", "10.14")]
    [InlineData("10.1350001", "EUR", "10.14")]
    [InlineData("-10.125", "EUR", "-10.12")]
    [InlineData("1234.5", "JPY", "1234")]
    [InlineData("1235.5", "JPY", "1236")]
    [InlineData("0.5", "KRW", "0")]
    [InlineData("1.0005", "KWD", "1.000")]
    [InlineData("1.0015", "BHD", "1.002")]
    [InlineData("1.00005", "CLF", "1.0000")]
    public void Should_round_half_even_to_the_minor_unit(string amount, string currency, string rounded) =>
        Money.Round(decimal.Parse(amount), currency).ShouldBe(decimal.Parse(rounded));
}
