using EseErp.Contracts;

namespace EseErp.Accounting.Journal;

/// <summary>Rounds amounts to what a currency can pay.</summary>
public static class Money
{
    /// <summary>Digits behind the decimal point.</summary>
    public static int MinorUnitDigits(string currency) => MinorUnits.DigitsOf(currency);

    /// <summary>Rounds half-even to the minor unit, so that many roundings do not drift one way.</summary>
    public static decimal Round(decimal amount, string currency) => MinorUnits.Round(amount, currency);
}
