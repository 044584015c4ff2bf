namespace EseErp.DemoData;

/// <summary>The currencies of the demo and how their price lists follow from the EUR list.</summary>
internal static class Currencies
{
    public const string Euro = "EUR";
    public const string SwissFranc = "CHF";
    public const string Pound = "GBP";
    public const string Dollar = "USD";

    // All four have a minor unit of a hundredth (ISO 4217).
    private const int MinorUnitDigits = 2;

    /// <summary>Rounds half-even to the minor unit.</summary>
    public static decimal Round(decimal amount) => Math.Round(amount, MinorUnitDigits, MidpointRounding.ToEven);

    /// <summary>
    /// A price list is set once a season and ends in the country's usual digits; it is no conversion at today's rate.
    /// </summary>
    public static decimal ListPrice(decimal inEuro, string currency) => currency switch
    {
        Euro => inEuro,
        SwissFranc => Math.Ceiling(inEuro * 1.05m) - 0.10m,
        Pound => Math.Ceiling(inEuro * 0.88m) - 0.01m,
        Dollar => Math.Ceiling(inEuro * 1.15m) - 0.01m,
        _ => throw new ArgumentOutOfRangeException(nameof(currency), currency, "There is no price list in this currency."),
    };
}
