using EseErp.Contracts;

namespace EseErp.Tracking.Returns;

/// <summary>A return as a customer or User Support sees it.</summary>
/// <param name="Settled">All four teams have answered.</param>
/// <param name="Completed">The customer has what was asked for, and the item is back.</param>
/// <param name="Closed">Nobody has anything left to do.</param>
/// <param name="CancelReason">Why it was called off; for people.</param>
/// <param name="Incomplete">Traditional mode: what it waits for; null when it does not.</param>
/// <param name="SettledAt">Time of the fact that settled it; likewise the other times.</param>
/// <param name="Version">How many facts about it are known.</param>
public sealed record ReturnView(
    string ReturnId,
    CoordinationMode Mode,
    TrackedStatus Status,
    bool Settled,
    bool Completed,
    bool Closed,
    string? CaseId,
    string? OrderId,
    string? LineId,
    string? Sku,
    string? SerialNumber,
    string? CustomerId,
    ReturnReason? Reason,
    Resolution? Resolution,
    ReplacementTiming? ReplacementTiming,
    string? CancelReason,
    IncompleteView? Incomplete,
    DateTimeOffset? RequestedAt,
    DateTimeOffset? SettledAt,
    DateTimeOffset? CompletedAt,
    DateTimeOffset? ClosedAt,
    FacetsView Facets,
    int Version)
{
    public static ReturnView Of(TrackedReturn r) => new(
        r.ReturnId, r.Mode, r.Status, r.SettledAt is not null, r.CompletedAt is not null, r.ClosedAt is not null,
        r.Request.CaseId, r.Request.OrderId, r.Request.LineId, r.Request.Sku, r.SerialNumber, r.CustomerId,
        r.Reason, r.Request.Resolution, r.Request.ReplacementTiming, r.Request.CancelReason,
        r is { Status: TrackedStatus.Incomplete, Request.IncompleteStep: { } step } ? new IncompleteView(step, r.Request.IncompleteReason!) : null,
        r.RequestedAt, r.SettledAt, r.CompletedAt, r.ClosedAt, FacetsView.Of(r), r.Version);
}

/// <summary>The step that has no known outcome, and why.</summary>
public sealed record IncompleteView(string Step, string Reason);

/// <summary>What each team says, independently of the others. A state is <c>Pending</c> until the team has answered.</summary>
public sealed record FacetsView(
    RefundFacetView Refund, ReplacementFacetView Replacement, ItemFacetView Item, DisassemblyFacetView Disassembly, DisposalFacetView Disposal)
{
    public static FacetsView Of(TrackedReturn r)
    {
        var (refund, replacement, item, disassembly, disposal) = (r.Refund, r.Replacement, r.Item, r.Disassembly, r.Disposal);
        return new FacetsView(
            new RefundFacetView(Text(refund.State), refund.Amount, refund.Currency, refund.Reasons ?? [], refund.Note, refund.IssuedAt, refund.ChangedAt),
            new ReplacementFacetView(Text(Rollup.ReplacementState(r)), replacement.Sku, replacement.Note, replacement.ShippedAt, replacement.ChangedAt),
            new ItemFacetView(Text(Rollup.ItemState(r)), item.DueAt, item.ReceivedSerialNumber, item.Condition, item.ReceivedAt, item.ChangedAt),
            new DisassemblyFacetView(
                Text(disassembly.State), disassembly.FaultCode, disassembly.Disposition, disassembly.RecoveredValue, disassembly.LabourCost,
                disassembly.Currency, disassembly.Note, disassembly.DiagnosedAt, disassembly.ChangedAt),
            new DisposalFacetView(
                Text(disposal.State), disposal.ProvisionalCost, disposal.DisposalLoss, disposal.RecoveredValue, disposal.Currency, disposal.Note, disposal.ChangedAt));
    }

    private static string Text<T>(T? state) where T : struct, Enum => state?.ToString() ?? "Pending";
}

/// <summary>Sales: <c>Pending, Authorized, Issued, Rejected, Voided, ManualReview</c>.</summary>
/// <param name="Amount">What will be, is or would have been paid.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Reasons">Why it was rejected; empty otherwise.</param>
/// <param name="Note">Why a person has to decide, or why it will not be paid; for people.</param>
/// <param name="ChangedAt">When the state was last changed.</param>
public sealed record RefundFacetView(
    string State, decimal? Amount, string? Currency, IReadOnlyList<RejectionReason> Reasons, string? Note, DateTimeOffset? IssuedAt, DateTimeOffset? ChangedAt);

/// <summary>Inventory: <c>Pending, NotRequested, Reserved, Backordered, Shipped, Delivered, Cancelled</c>.</summary>
/// <param name="Note">Why it will not be shipped; for people.</param>
/// <param name="ChangedAt">When the state was last changed.</param>
public sealed record ReplacementFacetView(string State, string? Sku, string? Note, DateTimeOffset? ShippedAt, DateTimeOffset? ChangedAt);

/// <summary>Inventory: <c>Pending, Expected, Received, Waived, Expired, Closed</c>.</summary>
/// <param name="DueAt">The item is expected until then.</param>
/// <param name="ReceivedSerialNumber">Read off the device, which need not be the one that was announced.</param>
/// <param name="ChangedAt">When the state was last changed.</param>
public sealed record ItemFacetView(
    string State, DateTimeOffset? DueAt, string? ReceivedSerialNumber, string? Condition, DateTimeOffset? ReceivedAt, DateTimeOffset? ChangedAt);

/// <summary>Manufacturing: <c>Pending, AwaitingItem, Diagnosed, Disassembled, Cancelled, Mismatch</c>.</summary>
/// <param name="Note">Why it is cancelled, or what arrived instead; for people.</param>
/// <param name="ChangedAt">When the state was last changed.</param>
public sealed record DisassemblyFacetView(
    string State,
    string? FaultCode,
    Disposition? Disposition,
    decimal? RecoveredValue,
    decimal? LabourCost,
    string? Currency,
    string? Note,
    DateTimeOffset? DiagnosedAt,
    DateTimeOffset? ChangedAt);

/// <summary>Accounting: <c>Pending, Provisional, Posted, Reversed</c>.</summary>
/// <param name="DisposalLoss">Landed cost less what was recovered.</param>
/// <param name="Note">Why it was taken back; for people.</param>
/// <param name="ChangedAt">When the state was last changed.</param>
public sealed record DisposalFacetView(
    string State, decimal? ProvisionalCost, decimal? DisposalLoss, decimal? RecoveredValue, string? Currency, string? Note, DateTimeOffset? ChangedAt);
