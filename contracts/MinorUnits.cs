using System.Collections.Frozen;

namespace EseErp.Contracts;

/// <summary>What a currency can pay: its minor unit, ISO 4217.</summary>
public static class MinorUnits
{
    // ISO 4217, table A.1: the currencies whose minor unit is not a hundredth.
    private static readonly FrozenDictionary<string, int> Exceptions =
        Currencies(0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF")
            .Concat(Currencies(3, "BHD IQD JOD KWD LYD OMR TND"))
            .Concat(Currencies(4, "CLF UYW"))
            .ToFrozenDictionary();

    /// <summary>Digits behind the decimal point.</summary>
    public static int DigitsOf(string currency) => Exceptions.GetValueOrDefault(currency, 2);

    /// <summary>Rounds half-even to the minor unit, so that many roundings do not drift one way.</summary>
    public static decimal Round(decimal amount, string currency) => Math.Round(amount, DigitsOf(currency), MidpointRounding.ToEven);

    private static IEnumerable<KeyValuePair<string, int>> Currencies(int digits, string codes) =>
        codes.Split(' ').Select(code => KeyValuePair.Create(code, digits));
}
