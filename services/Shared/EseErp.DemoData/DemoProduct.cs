namespace EseErp.DemoData;

/// <summary>A model in the catalogue, in one colour.</summary>
/// <param name="Sku">Model and colour, such as <c>HP-210-BLK</c>.</param>
/// <param name="ListPrice">Price of one unit before discounts, in <paramref name="Currency"/>.</param>
/// <param name="Currency">ISO 4217 of list price, landed cost and part costs; always <c>EUR</c>.</param>
/// <param name="LandedCost">
/// What one unit costs in the warehouse: parts, assembly, freight and duty, in <paramref name="Currency"/>.
/// </param>
/// <param name="BillOfMaterials">4 to 12 parts, each listed once; together they cost less than the landed cost.</param>
/// <param name="InitialStock">
/// Whole units on hand at the start. Enough to replace every line of <see cref="DemoCatalogue.Returnable"/>, but for the
/// two scarce models of the examples.
/// </param>
/// <param name="FaultCodes">What a workbench finds in this category, upper case; the last is <c>NO_FAULT_FOUND</c>.</param>
/// <param name="CostCenter">Code of the cost center that bears returns of this category.</param>
public sealed record DemoProduct(
    string Sku,
    string Name,
    string Category,
    decimal ListPrice,
    string Currency,
    decimal LandedCost,
    IReadOnlyList<DemoPart> BillOfMaterials,
    int InitialStock,
    IReadOnlyList<string> FaultCodes,
    string CostCenter);

/// <summary>A part of one device.</summary>
/// <param name="Quantity">Whole pieces in one device, 1 or more.</param>
/// <param name="UnitCost">Cost of one piece, in the product's currency.</param>
public sealed record DemoPart(string PartSku, string Name, int Quantity, decimal UnitCost);
