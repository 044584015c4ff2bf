using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;

namespace EseErp.Contracts;

/// <summary>What a currency can pay: its minor unit, ISO 4217.</summary>
/// <remarks>
/// The framework knows currencies only by culture, with digits that differ from the standard, and not where it runs without
/// culture data; so the table is here.
/// </remarks>
public static class MinorUnits
{
    // ISO 4217, table A.1, by digits of the minor unit. Left out is what has none and cannot be paid with, such as gold (XAU).
    // Codes that were withdrawn of late stay: old prices are in them.
    private static readonly FrozenDictionary<string, int> Digits =
        Currencies(0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF")
            .Concat(Currencies(2, """
                AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU
                CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES
                KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB
                PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD
                TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL
                """))
            .Concat(Currencies(3, "BHD IQD JOD KWD LYD OMR TND"))
            .Concat(Currencies(4, "CLF UYW"))
            .ToFrozenDictionary();

    /// <summary>Whether it is a currency that can be paid with: <c>EUR</c>, and neither <c>eur</c>, which would be another one in the books, nor <c>ABC</c>.</summary>
    public static bool IsCurrency(string? code) => code is not null && Digits.ContainsKey(code);

    /// <summary>Digits behind the decimal point.</summary>
    public static int DigitsOf(string currency) => Digits.GetValueOrDefault(currency, 2);

    /// <summary>Rounds half-even to the minor unit, so that many roundings do not drift one way.</summary>
    public static decimal Round(decimal amount, string currency) => Math.Round(amount, DigitsOf(currency), MidpointRounding.ToEven);

    private static IEnumerable<KeyValuePair<string, int>> Currencies(int digits, string codes) =>
        codes.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(code => KeyValuePair.Create(code, digits));
}

/// <summary>An ISO 4217 code of a currency that can be paid with; see <see cref="MinorUnits"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CurrencyCodeAttribute : RegularExpressionAttribute
{
    public CurrencyCodeAttribute() : base("^[A-Z]{3}$") => ErrorMessage = Requirement;

    /// <summary>What is asked for, after the name of a field.</summary>
    public const string Requirement = "must be an ISO 4217 code such as EUR";

    public override bool IsValid(object? value) => value is null || MinorUnits.IsCurrency(value as string);
}
