using System.ComponentModel.DataAnnotations;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Sales;

namespace EseErp.Contracts.Tests;

public sealed class CurrencyTests
{
    [Theory]
    [InlineData("EUR", 2)]
    [InlineData("JPY", 0)]
    [InlineData("KWD", 3)]
    [InlineData("CLF", 4)]
    [InlineData("MGA", 2)]
    [InlineData("LBP", 2)]
    public void Should_have_the_digits_of_iso_4217(string currency, int digits) => MinorUnits.DigitsOf(currency).ShouldBe(digits);

    [Theory]
    [InlineData("EUR", true)]
    [InlineData("XCG", true)]
    [InlineData("eur", false)]
    [InlineData("EURO", false)]
    [InlineData("ABC", false)]
    [InlineData("XAU", false)]
    [InlineData("XXX", false)]
    [InlineData("EUR\n", false)]
    [InlineData("", false)]
    public void Should_tell_a_currency_from_other_text_wherever_one_can_be_given(string code, bool isOne)
    {
        MinorUnits.IsCurrency(code).ShouldBe(isOne);
        Accepts(new OpenValuation(1, code)).ShouldBe(isOne);
        Accepts(new ReportRefundIssued(1, code)).ShouldBe(isOne);
        Accepts(new ReportDisassemblyCompleted(1, 1, code)).ShouldBe(isOne);
    }

    // A currency that is not checked would be one more in the books.
    [Fact]
    public void Should_check_every_currency_in_a_request() =>
        (from type in typeof(MinorUnits).Assembly.GetTypes()
         where type.Namespace is { } name && name.StartsWith("EseErp.Contracts", StringComparison.Ordinal)
             && type.GetProperties().Any(property => property.GetCustomAttributes(typeof(ValidationAttribute), true).Length > 0)
         from property in type.GetProperties()
         where property.Name.EndsWith("Currency", StringComparison.Ordinal)
             && property.GetCustomAttributes(typeof(CurrencyCodeAttribute), true).Length == 0
         select $"{type.Name}.{property.Name}").ShouldBeEmpty();

    private static bool Accepts(object request) => Validator.TryValidateObject(request, new ValidationContext(request), null, validateAllProperties: true);
}
