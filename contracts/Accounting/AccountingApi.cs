using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace EseErp.Contracts.Accounting;

/// <summary>Asks Accounting to provide for the disposal of a device (<c>POST /asset-disposals</c>).</summary>
public sealed record OpenAssetDisposal(
    [property: Required, StringLength(40), ReturnId] string ReturnId,
    [property: Required, StringLength(40)] string Sku,
    [property: Required, StringLength(60)] string SerialNumber,
    [property: Required, StringLength(40)] string CostCenter);

/// <summary>Traditional mode: the refund was paid.</summary>
public sealed record ReportRefundIssued(
    [property: Range(typeof(decimal), "0", "100000000")] decimal Amount,
    [property: Required, StringLength(3, MinimumLength = 3), CurrencyCode] string Currency);

/// <summary>Traditional mode: the item was inspected.</summary>
public sealed record ReportItemDiagnosed(Disposition Disposition);

/// <summary>Traditional mode: the item was taken apart.</summary>
public sealed record ReportDisassemblyCompleted(
    [property: Range(typeof(decimal), "0", "100000000")] decimal RecoveredValue,
    [property: Range(typeof(decimal), "0", "100000000")] decimal LabourCost,
    [property: Required, StringLength(3, MinimumLength = 3), CurrencyCode] string Currency);

/// <summary>The state of a disposal.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AssetDisposalState>))]
public enum AssetDisposalState
{
    /// <summary>Provided for, not final.</summary>
    Provisional,

    /// <summary>Final and in the journal.</summary>
    Posted,

    /// <summary>Reversed.</summary>
    Reversed,
}

/// <summary>Accounting's document for one return.</summary>
/// <param name="Sku">Model of the item; once Sales has accepted another device, the model of that device. The same holds for serial number and cost.</param>
/// <param name="Announced">The device that was announced, if another one is returned; null otherwise.</param>
public sealed record AssetDisposalView(
    string ReturnId,
    string Sku,
    string SerialNumber,
    string CostCenter,
    AssetDisposalState State,
    decimal ProvisionalCost,
    decimal? DisposalLoss,
    string Currency,
    DateTimeOffset RequestedAt,
    CoordinationMode Coordination,
    DeviceView? Announced = null);

/// <summary>One journal entry: its debits equal its credits. Never changed or deleted, only reversed by another entry.</summary>
/// <param name="Cause">The fact that caused it, such as <c>RefundIssued</c>.</param>
/// <param name="CauseEventId">The event by which Accounting heard of the fact; null in traditional mode, where it was called.</param>
/// <param name="Reverses">The entry that this one takes back, if any.</param>
public sealed record JournalEntryView(
    long EntryId,
    string ReturnId,
    string Cause,
    Guid? CauseEventId,
    long? Reverses,
    DateTimeOffset PostedAt,
    IReadOnlyList<JournalLineView> Lines);

/// <summary>One line: either debit or credit is greater than zero, the other is zero.</summary>
public sealed record JournalLineView(string Account, decimal Debit, decimal Credit, string Currency);
