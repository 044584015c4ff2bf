using System.ComponentModel.DataAnnotations;
using EseErp.Contracts;
using EseErp.Contracts.Manufacturing;

namespace EseErp.UserSupport.Traditional;

/// <summary>Traditional mode: what people reported of the physical item; null until they do.</summary>
/// <param name="Waived">The item need not come back; why.</param>
/// <param name="RecallReturned">The recalled replacement is back.</param>
public sealed record ReportedSteps(
    ItemReport? Received = null,
    RecordDiagnosis? Diagnosed = null,
    CompleteDisassembly? Disassembled = null,
    ReasonGiven? Waived = null,
    RecallReport? RecallReturned = null)
{
    public static ReportedSteps None { get; } = new();
}

/// <summary>The item has arrived (<c>POST /returns/{returnId}/steps/item-received</c>).</summary>
/// <param name="SerialNumber">Read off the device.</param>
/// <param name="Condition">As seen at the dock.</param>
public sealed record ItemReport(
    [property: Required, StringLength(60)] string SerialNumber,
    [property: Required, StringLength(200)] string Condition);

/// <summary>The recalled replacement is back in the warehouse (<c>POST /returns/{returnId}/steps/recalled-unit-returned</c>).</summary>
public sealed record RecallReport;
