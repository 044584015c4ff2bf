namespace EseErp.Accounting.Costs;

/// <summary>A line of the cost book: what one unit of a model costs in the warehouse.</summary>
public sealed class UnitCost
{
    public required string Sku { get; init; }

    /// <summary>Parts, assembly, freight and duty; zero or more.</summary>
    public required decimal LandedCost { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>
    /// A model that the book does not know is worth nothing to it: the return goes on, and a person sees the warning.
    /// </summary>
    public static UnitCost Unknown(string sku) => new() { Sku = sku, LandedCost = 0, Currency = "EUR" };
}
