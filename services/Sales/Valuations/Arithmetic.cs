using System.Globalization;
using System.Text.RegularExpressions;
using EseErp.Contracts.Sales;

namespace EseErp.Sales.Valuations;

/// <summary>What came of a change.</summary>
/// <param name="Operand">The operand as a number; 0 where it is none.</param>
/// <param name="After">The value after it; of a rejected change the value before.</param>
/// <param name="Reason">Why it was rejected; null when it was applied.</param>
public sealed record Change(decimal Operand, decimal After, ValuationRejection? Reason);

/// <summary>
/// The arithmetic of values: decimal with 28 significant digits, bounded, and never rounded to a minor unit on the way.
/// </summary>
public static partial class Arithmetic
{
    /// <summary>No operand and no value is farther from zero. Then no product exceeds what a decimal holds.</summary>
    public const decimal Most = 1_000_000_000_000m;

    private const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Applies a change whose operand is a text.</summary>
    public static Change Apply(decimal before, ValuationOperation operation, string operand)
    {
        if (!Number().IsMatch(operand)) return new Change(0, before, ValuationRejection.NotANumber);
        // A number that a decimal cannot hold is too large: one that is too small becomes 0.
        return decimal.TryParse(operand, Decimal, CultureInfo.InvariantCulture, out var number)
            ? Apply(before, operation, number)
            : new Change(0, before, ValuationRejection.Overflow);
    }

    /// <summary>Applies a change.</summary>
    public static Change Apply(decimal before, ValuationOperation operation, decimal operand)
    {
        if (Math.Abs(operand) > Most) return new Change(operand, before, ValuationRejection.Overflow);
        if (operation == ValuationOperation.MULTIPLY && operand < 0) return new Change(operand, before, ValuationRejection.NegativeFactor);
        var after = operation switch
        {
            ValuationOperation.ADD => before + operand,
            ValuationOperation.MULTIPLY => before * operand,
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "No such operation."),
        };
        return Math.Abs(after) > Most ? new Change(operand, before, ValuationRejection.Overflow) : new Change(operand, after, null);
    }

    [GeneratedRegex(@"\A[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    private static partial Regex Number();
}
