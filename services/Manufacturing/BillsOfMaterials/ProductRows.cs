using EseErp.Manufacturing.Data;
using EseErp.Registry;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Manufacturing.BillsOfMaterials;

/// <summary>The bills of materials the workbench reads, in step with the products of the registry.</summary>
public sealed class ProductRows(ManufacturingDb db) : IRegistryProjection<BillOfMaterials>
{
    public async Task Apply(IReadOnlyList<BillOfMaterials> current, IReadOnlyList<string> deleted, CancellationToken cancellationToken)
    {
        // Old rows go and new ones come: the parts of a bill are one value.
        var changed = current.Select(bill => bill.Sku).Concat(deleted).ToList();
        await db.BillsOfMaterials.Where(bill => changed.Contains(bill.Sku)).ExecuteDeleteAsync(cancellationToken);
        db.AddRange(current);
    }

    /// <summary>What the schema cannot say: a part that is on the bill twice has no one quantity.</summary>
    public static void RequireEachPartOnce(BillOfMaterials bill, Faults faults)
    {
        var seen = new HashSet<string>();
        for (var index = 0; index < bill.Parts.Count; index++)
        {
            if (!seen.Add(bill.Parts[index].PartSku)) faults.Add($"parts[{index}].partSku", "is on the bill already");
        }
    }
}
