using System.Globalization;

namespace EseErp.Contracts;

/// <summary>
/// A serial number identifies a device, however it was typed or scanned. It is stored and shown as it was written. What is compared,
/// and what must be unique, is its normal form.
/// </summary>
public static class SerialNumbers
{
    /// <summary>
    /// In capital letters, with every kind of hyphen and dash as <c>-</c>, without surrounding white space and without invisible
    /// characters.
    /// </summary>
    public static string Normal(string written)
    {
        if (IsNormal(written)) return written;
        return string.Concat(written.Where(character => char.GetUnicodeCategory(character) != UnicodeCategory.Format)
            .Select(character => IsHyphen(character) ? '-' : char.ToUpperInvariant(character))).Trim();
    }

    /// <summary>Whether both are one device's. No serial number is that of no device.</summary>
    public static bool Same(string? one, string? other) => one is not null && other is not null && Normal(one) == Normal(other);

    /// <summary>What was told, as it is known already where it is the same device's in another spelling.</summary>
    public static string? AsKnown(string? known, string? told) => Same(known, told) ? known : told;

    private static bool IsNormal(string written)
    {
        foreach (var character in written)
            if (character != '-' && !char.IsAsciiDigit(character) && !char.IsAsciiLetterUpper(character)) return false;
        return true;
    }

    // The minus sign and the bullet look like one and are often taken for it.
    private static bool IsHyphen(char character) =>
        char.GetUnicodeCategory(character) == UnicodeCategory.DashPunctuation || character is '\u2212' or '\u2043';
}
