using EseErp.Manufacturing.BillsOfMaterials;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>A diagnosis names a fault that the model can have, or that there is none.</summary>
public static class FaultCheck
{
    /// <summary>What is found in a device that works; any model can be in order.</summary>
    public const string NoFaultFound = "NO_FAULT_FOUND";

    /// <summary>The codes that a diagnosis of this model can have.</summary>
    public static IReadOnlyList<string> Allowed(BillOfMaterials bill) =>
        bill.FaultCodes.Contains(NoFaultFound) ? bill.FaultCodes : [.. bill.FaultCodes, NoFaultFound];

    /// <summary>Why a model cannot have this fault; null when it can.</summary>
    public static FieldProblem? ProblemOf(string faultCode, BillOfMaterials bill) => Allowed(bill) is var allowed && allowed.Contains(faultCode)
        ? null
        : new FieldProblem("faultCode", $"must be a fault code of the model {bill.Sku}: {string.Join(", ", allowed)}");
}
