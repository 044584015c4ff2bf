using System.Collections.Frozen;

namespace EseErp.Accounting.Journal;

/// <summary>Rounds amounts to what a currency can pay.</summary>
public static class Money
{
    // ISO 4217, table A.1: the currencies whose minor unit is not a hundredth.
    private static readonly FrozenDictionary<string, int> Digits =
        Currencies(0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF")
            .Concat(Currencies(3, "BHD IQD JOD KWD LYD OMR TND"))
            .Concat(Currencies(4, "CLF UYW"))
            .ToFrozenDictionary();

    /// <summary>Digits behind the decimal point.</summary>
    public static int MinorUnitDigits(string currency) => Digits.GetValueOrDefault(currency, 2);

    /// <summary>Rounds half-even to the minor unit, so that many roundings do not drift one way.</summary>
    public static decimal Round(decimal amount, string currency) =>
        Math.Round(amount, MinorUnitDigits(currency), MidpointRounding.ToEven);

    /// <summary>Whether it has the form of an ISO 4217 code. <c>eur</c> would be a currency of its own in the books.</summary>
    public static bool IsCurrencyCode(string currency) => currency.Length == 3 && currency.All(char.IsAsciiLetterUpper);

    private static IEnumerable<KeyValuePair<string, int>> Currencies(int digits, string codes) =>
        codes.Split(' ').Select(code => KeyValuePair.Create(code, digits));
}
