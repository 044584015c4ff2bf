using EseErp.Contracts;
using EseErp.Contracts.Manufacturing;
using EseErp.Manufacturing.BillsOfMaterials;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>
/// What a mechanic would find in a device and take out of it, for demos. The same device always has the same fault and the
/// same parts: they follow from its serial number.
/// </summary>
public static class DemoMechanic
{
    /// <summary>Mostly scrap; refurbished when nothing is broken, and now and then otherwise.</summary>
    public static RecordDiagnosis Diagnose(string serialNumber, BillOfMaterials bill)
    {
        var faults = FaultCheck.Allowed(bill);
        var fault = faults[Draw(serialNumber, "fault", faults.Count)];
        var refurbish = fault == FaultCheck.NoFaultFound || Draw(serialNumber, "disposition", 8) == 0;
        return new RecordDiagnosis(fault, refurbish ? Disposition.Refurbish : Disposition.Scrap);
    }

    /// <summary>Every piece on the bill of materials: most are good, about one in six is not, a few are lost in the work.</summary>
    public static CompleteDisassembly TakeApart(string serialNumber, BillOfMaterials bill)
    {
        var parts = new List<RecoveredPart>();
        foreach (var part in bill.Parts)
        {
            var (good, scrap) = (0, 0);
            for (var piece = 0; piece < part.Quantity; piece++)
                switch (Draw(serialNumber, $"{part.PartSku}/{piece}", 24))
                {
                    case 0: break;
                    case <= 4: scrap++; break;
                    default: good++; break;
                }

            if (good > 0) parts.Add(new RecoveredPart(part.PartSku, PartQuality.Good, good));
            if (scrap > 0) parts.Add(new RecoveredPart(part.PartSku, PartQuality.Scrap, scrap));
        }

        return new CompleteDisassembly(parts, 8 + (2 * bill.Parts.Count) + Draw(serialNumber, "minutes", 15));
    }

    // A number below the bound. FNV-1a with a final mix, because string.GetHashCode differs from process to process.
    private static int Draw(string serialNumber, string question, int bound)
    {
        var hash = 14695981039346656037UL;
        foreach (var character in $"{serialNumber}/{question}") hash = (hash ^ character) * 1099511628211UL;
        hash = (hash ^ (hash >> 31)) * 0x94D049BB133111EBUL;
        return (int)((hash >> 33) % (ulong)bound);
    }
}
