using EseErp.Contracts.Manufacturing;
using EseErp.Manufacturing.BillsOfMaterials;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>What is wrong with a field of a request.</summary>
/// <param name="Reason">Goes on from the field's name: "must be …".</param>
public sealed record FieldProblem(string Field, string Reason);

/// <summary>Nothing comes out of a device that is not in it: the parts are on its bill of materials, and no more of them.</summary>
public static class PartsCheck
{
    /// <summary>The first part that cannot have been in the device; null when all can.</summary>
    public static FieldProblem? FirstProblem(IReadOnlyList<RecoveredPart> parts, BillOfMaterials bill)
    {
        // A part may be named more than once, good pieces apart from broken ones.
        var taken = new Dictionary<string, int>();
        for (var index = 0; index < parts.Count; index++)
        {
            var (partSku, _, quantity) = parts[index];
            if (bill.Parts.SingleOrDefault(part => part.PartSku == partSku) is not { } listed)
                return new FieldProblem($"parts[{index}].partSku", $"is not on the bill of materials of {bill.Sku}");
            if (quantity < 1) return new FieldProblem($"parts[{index}].quantity", "must be 1 or more");
            var before = taken.GetValueOrDefault(partSku);
            if (quantity > listed.Quantity - before)
                return new FieldProblem($"parts[{index}].quantity", $"must not be more than is in the device: a {bill.Sku} has {listed.Quantity} of '{partSku}'");
            taken[partSku] = before + quantity;
        }

        return null;
    }
}
