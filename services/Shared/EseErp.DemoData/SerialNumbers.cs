namespace EseErp.DemoData;

/// <summary>
/// Serial numbers such as <c>HP210-26K7-0000423</c>: model, production year and month with line, number of the unit.
/// </summary>
/// <remarks>
/// The number of the unit alone is unique. It is <c>(k × 7,654,321 + start) mod 10,000,000</c> for the k-th line place,
/// which meets every number once because the factor shares no divisor with ten million.
/// </remarks>
internal sealed class SerialNumbers(int seed)
{
    private const int Units = 10_000_000;
    private const long Stride = 7_654_321;

    // Twelve months; I is left out because it reads like a 1.
    private const string Months = "ABCDEFGHJKLM";

    private readonly int start = SplitMix64.For(seed, DemoKind.Serial, 0).Below(Units);

    /// <summary>Every order has places for three lines, used or not, so that no order shifts the numbers of another.</summary>
    public const int PlacesPerOrder = 3;

    /// <summary>The highest order number that still gets serial numbers of its own.</summary>
    public const int LastOrder = Units / PlacesPerOrder;

    /// <param name="age">Whole years the unit is older than the catalogue's own year, 2026.</param>
    public string Of(int order, int place, string sku, int age, ref SplitMix64 chance)
    {
        var unit = ((((long)(order - 1) * PlacesPerOrder) + place) * Stride + start) % Units;
        // Until October, so that every unit was made before it was sold.
        var month = Months[chance.Below(10)];
        return $"{sku.AsSpan(0, 2)}{sku.AsSpan(3, 3)}-{26 - age:D2}{month}{chance.Between(1, 9)}-{unit:D7}";
    }
}
