namespace EseErp.Manufacturing.BillsOfMaterials;

/// <summary>What a model is made of: the most that can be taken out of one device.</summary>
public sealed class BillOfMaterials
{
    public required string Sku { get; init; }

    public required string Name { get; init; }

    /// <summary>Each part once.</summary>
    public required List<Part> Parts { get; init; }

    /// <summary>What a workbench finds in this model, such as <c>BATTERY_SWOLLEN</c>.</summary>
    public required List<string> FaultCodes { get; init; }

    /// <summary>Of a model nobody knows: it has nothing to recover.</summary>
    public static BillOfMaterials Unknown(string sku) => new() { Sku = sku, Name = sku, Parts = [], FaultCodes = [] };
}

/// <summary>A part of one device.</summary>
public sealed class Part
{
    public required string PartSku { get; init; }

    public required string Name { get; init; }

    /// <summary>Pieces in one device.</summary>
    public required int Quantity { get; init; }

    /// <summary>Cost of one piece, in the currency of <see cref="Disassembly.DisassemblyOptions.Currency"/>.</summary>
    public required decimal UnitCost { get; init; }
}
