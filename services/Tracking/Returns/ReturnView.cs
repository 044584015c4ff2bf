using EseErp.Contracts;
using EseErp.Contracts.UserSupport;

namespace EseErp.Tracking.Returns;

/// <summary>A return as a customer or User Support sees it.</summary>
/// <param name="Settled">All four teams have answered.</param>
/// <param name="Completed">The customer has what was asked for, and the item is back.</param>
/// <param name="Closed">Nothing is left to do.</param>
/// <param name="CancelReason">Why it was called off; for people.</param>
/// <param name="Cancellation">Event mode: the request to call it off and its outcome; null without one.</param>
/// <param name="Incomplete">Traditional mode: what it waits for; null when it waits for nothing.</param>
/// <param name="Stuck">What the services could not apply of it and waits for a person; null when nothing does.</param>
/// <param name="SettledAt">Time of the fact that settled it; likewise the other times.</param>
/// <param name="Version">How many facts about it are known.</param>
/// <param name="Sku">Model of the device that is returned: of the one that came, once Sales has accepted another than was announced. Likewise the serial number.</param>
/// <param name="Announced">The device that was announced, if another one is returned; null otherwise.</param>
/// <param name="Calls">Traditional mode: the latest 200 calls that User Support made for it, in order; empty in event mode.
/// Null in lists and streams.</param>
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
    CancellationView? Cancellation,
    IncompleteView? Incomplete,
    StuckView? Stuck,
    DateTimeOffset? RequestedAt,
    DateTimeOffset? SettledAt,
    DateTimeOffset? CompletedAt,
    DateTimeOffset? CancelledAt,
    DateTimeOffset? ClosedAt,
    FacetsView Facets,
    int Version,
    IReadOnlyList<TeamCallMade>? Calls = null,
    DeviceView? Announced = null)
{
    public static ReturnView Of(TrackedReturn r, TeamAddresses? addresses = null) => new(
        r.ReturnId, r.Mode, r.Status, r.SettledAt is not null, r.CompletedAt is not null, r.ClosedAt is not null,
        r.Request.CaseId, r.Request.OrderId, r.Request.LineId, r.Refund.ReturnedSku ?? r.Request.Sku, r.Refund.ReturnedSerialNumber ?? r.Request.SerialNumber, r.CustomerId,
        r.Reason, r.Request.Resolution, r.Request.ReplacementTiming, r.Request.CancelReason, CancellationView.Of(r.Cancellation),
        r is { Status: TrackedStatus.Incomplete, Request.IncompleteStep: { } step } ? new IncompleteView(step, r.Request.IncompleteReason!) : null,
        StuckView.Of(r.Stuck, addresses),
        r.RequestedAt, r.SettledAt, r.CompletedAt, r.Request.CancelledAt, r.ClosedAt, FacetsView.Of(r), r.Version,
        Announced: r is { Refund.ReturnedSerialNumber: not null, Request: { Sku: { } sku, SerialNumber: { } serialNumber } } ? new DeviceView(sku, serialNumber) : null);

    /// <summary>With the calls, which a list of many returns does without.</summary>
    public static ReturnView WithCalls(TrackedReturn r, TeamAddresses? addresses = null) => Of(r, addresses) with { Calls = r.Calls.Made };
}

/// <summary>Someone wants to call the return off, in event mode.</summary>
/// <param name="Reason">Why; null when the wish itself is not known here yet.</param>
/// <param name="Refusal">Why it was refused; null if it was not.</param>
public sealed record CancellationView(
    CancellationState State, string? Reason, string? Refusal, DateTimeOffset? RequestedAt, DateTimeOffset? AnsweredAt)
{
    public static CancellationView? Of(CancellationFacet cancellation) => cancellation.State is { } state
        ? new CancellationView(
            state, cancellation.Reason, state == CancellationState.Refused ? cancellation.Refusal : null, cancellation.AskedAt, cancellation.AnsweredAt)
        : null;
}

/// <summary>The step that has no known outcome, and why.</summary>
public sealed record IncompleteView(string Step, string Reason);

/// <summary>Events of the return that a service could not apply: dead letters that are neither re-driven nor discarded.</summary>
/// <param name="Since">When the oldest of those listed was set aside.</param>
/// <param name="Open">How many there are.</param>
/// <param name="Letters">At most 20 of each service. What is <c>Behind</c> only waits for the one in front.</param>
public sealed record StuckView(DateTimeOffset? Since, int Open, IReadOnlyList<StuckLetterView> Letters)
{
    public static StuckView? Of(StuckFacet stuck, TeamAddresses? addresses) => stuck.Open == 0 ? null : new StuckView(
        stuck.Letters.Count > 0 ? stuck.Letters.Min(letter => letter.Since) : null, stuck.Open,
        [
            .. stuck.Letters.Select(letter => new StuckLetterView(
                letter.Team, letter.Reason, letter.EventType, letter.Since, addresses?.DeadLetter(letter.Team, letter.LetterId) ?? $"/dead-letters/{letter.LetterId}")),
        ]);
}

/// <summary>One of them.</summary>
/// <param name="Team">Who could not apply it.</param>
/// <param name="Reason"><c>Exhausted, Unreadable, UnknownVersion, Behind, Conflict</c>, and others that a team has.</param>
/// <param name="EventType">Null where the record does not say.</param>
/// <param name="Link">The dead letter, at the team.</param>
public sealed record StuckLetterView(string Team, string Reason, string? EventType, DateTimeOffset Since, string Link);

/// <summary>What each team says, independently of the others. A state is <c>Pending</c> until the team has answered.</summary>
public sealed record FacetsView(
    RefundFacetView Refund, ReplacementFacetView Replacement, ItemFacetView Item, DisassemblyFacetView Disassembly, DisposalFacetView Disposal)
{
    public static FacetsView Of(TrackedReturn r)
    {
        var (refund, replacement, item, disassembly, disposal) = (r.Refund, r.Replacement, r.Item, r.Disassembly, r.Disposal);
        return new FacetsView(
            new RefundFacetView(
                Text(refund.State), refund.Amount, refund.Currency, refund.Reasons ?? [], refund.Note,
                refund.AuthorizedAt, refund.ReferredAt, refund.RejectedAt, refund.IssuedAt, refund.UpheldAt, refund.RecoveredAt, refund.ChangedAt),
            new ReplacementFacetView(
                Text(Rollup.ReplacementState(r)), replacement.Sku, replacement.Note,
                replacement.ShippedAt, replacement.DeliveredAt, replacement.RecalledAt, replacement.ReturnedAt, replacement.ChangedAt, replacement.SerialNumber),
            new ItemFacetView(
                Text(Rollup.ItemState(r)), item.DueAt, item.ReceivedSerialNumber, item.Condition, item.Note,
                item.ReceivedAt, item.RestockedAt, item.ChangedAt),
            new DisassemblyFacetView(
                Text(Rollup.DisassemblyStateOf(r)), disassembly.FaultCode, disassembly.Disposition, disassembly.RecoveredValue, disassembly.LabourCost,
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
/// <param name="Note">Why a person has to decide, what that person said, or why it will not be paid; for people.</param>
/// <param name="ReferredAt">When a person was asked to decide, the last time.</param>
/// <param name="UpheldAt">When a person let the customer keep the money of a return that had ended.</param>
/// <param name="RecoveredAt">When the customer gave back the money of a return that had ended.</param>
/// <param name="ChangedAt">When the state was last changed.</param>
public sealed record RefundFacetView(
    string State,
    decimal? Amount,
    string? Currency,
    IReadOnlyList<RejectionReason> Reasons,
    string? Note,
    DateTimeOffset? AuthorizedAt,
    DateTimeOffset? ReferredAt,
    DateTimeOffset? RejectedAt,
    DateTimeOffset? IssuedAt,
    DateTimeOffset? UpheldAt,
    DateTimeOffset? RecoveredAt,
    DateTimeOffset? ChangedAt);

/// <summary>Inventory: <c>Pending, NotRequested, Reserved, Backordered, Shipped, Delivered, Cancelled, Recalled, Returned</c>.</summary>
/// <param name="Note">Why it will not be shipped, or is asked back; for people.</param>
/// <param name="SerialNumber">Of the unit that was shipped, by which it can be returned.</param>
/// <param name="RecalledAt">When the customer was asked to send it back.</param>
/// <param name="ReturnedAt">When a recalled one was back in stock.</param>
/// <param name="ChangedAt">When the state was last changed.</param>
public sealed record ReplacementFacetView(
    string State,
    string? Sku,
    string? Note,
    DateTimeOffset? ShippedAt,
    DateTimeOffset? DeliveredAt,
    DateTimeOffset? RecalledAt,
    DateTimeOffset? ReturnedAt,
    DateTimeOffset? ChangedAt,
    string? SerialNumber = null);

/// <summary>Inventory: <c>Pending, Expected, Received, Waived, Expired, Closed</c>.</summary>
/// <param name="DueAt">The item is expected until then.</param>
/// <param name="ReceivedSerialNumber">Read off the device, which need not be the one that was announced.</param>
/// <param name="Note">Why it need not come back; for people.</param>
/// <param name="RestockedAt">When it was in the stock of its model again.</param>
/// <param name="ChangedAt">When the state was last changed.</param>
public sealed record ItemFacetView(
    string State,
    DateTimeOffset? DueAt,
    string? ReceivedSerialNumber,
    string? Condition,
    string? Note,
    DateTimeOffset? ReceivedAt,
    DateTimeOffset? RestockedAt,
    DateTimeOffset? ChangedAt);

/// <summary>Manufacturing: <c>Pending, AwaitingItem, Diagnosed, Disassembled, Cancelled, Mismatch</c>, and <c>Received</c> once a
/// person has accepted another device than was announced.</summary>
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
/// <param name="DisposalLoss">Landed cost less the recovered value.</param>
/// <param name="Note">Why it was taken back; for people.</param>
/// <param name="ChangedAt">When the state was last changed.</param>
public sealed record DisposalFacetView(
    string State, decimal? ProvisionalCost, decimal? DisposalLoss, decimal? RecoveredValue, string? Currency, string? Note, DateTimeOffset? ChangedAt);
