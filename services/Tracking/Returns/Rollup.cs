using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;

namespace EseErp.Tracking.Returns;

/// <summary>
/// What the facets mean together. Computed from all of them, never step by step, so that the order in which the teams'
/// facts arrive does not matter. A time is that of the latest fact that made it so; null: not so (yet).
/// </summary>
public static class Rollup
{
    /// <summary>
    /// The first that applies, from top to bottom. A rejection is final, even while User Support has not got it yet. What a
    /// person has to act on stands above progress; what the customer has got stands above a cancellation that came too late.
    /// </summary>
    public static TrackedStatus StatusOf(TrackedReturn r) => r switch
    {
        { Refund.State: OrderRefundState.Rejected } => TrackedStatus.Declined,
        { Request.IncompleteStep: not null } => TrackedStatus.Incomplete,
        _ when CompletedAt(r) is not null => TrackedStatus.Completed,
        { Request.CancelledAt: not null } => TrackedStatus.Cancelled,
        { Item.State: ReceiptState.Expired } => TrackedStatus.Expired,
        { Refund.State: OrderRefundState.ManualReview } => TrackedStatus.UnderReview,
        { Disassembly.DiagnosedAt: not null } => TrackedStatus.Inspected,
        { Item.ReceivedAt: not null } => TrackedStatus.ItemReceived,
        { Refund.AnsweredAt: not null, Item.State: ReceiptState.Expected or ReceiptState.Waived } => TrackedStatus.AwaitingItem,
        { Refund.AnsweredAt: not null } => TrackedStatus.Approved,
        _ => TrackedStatus.Requested,
    };

    /// <summary>
    /// Settled: all four teams have answered the request. In traditional mode a refusal or a cancellation stops User
    /// Support from asking further teams, which settles the return with fewer answers.
    /// </summary>
    public static DateTimeOffset? SettledAt(TrackedReturn r)
    {
        if (Latest(r.Refund.AnsweredAt, r.Item.AnsweredAt, r.Disassembly.AnsweredAt, r.Disposal.AnsweredAt) is { } all) return all;
        if (r.Mode != CoordinationMode.Traditional) return null;
        return r.Refund.State == OrderRefundState.Rejected ? r.Refund.ChangedAt : r.Request.CancelledAt;
    }

    /// <summary>Completed: refund issued if asked for, replacement shipped if asked for, item received or waived.</summary>
    public static DateTimeOffset? CompletedAt(TrackedReturn r)
    {
        if (r.Request.Resolution is not { } resolution) return null;
        var item = r.Item.State == ReceiptState.Waived ? r.Item.ChangedAt : r.Item.ReceivedAt;
        return resolution switch
        {
            Resolution.Refund => Latest(item, r.Refund.IssuedAt),
            Resolution.Replace => Latest(item, r.Replacement.ShippedAt),
            _ => Latest(item, r.Refund.IssuedAt, r.Replacement.ShippedAt),
        };
    }

    /// <summary>
    /// Closed: completed, and taken apart (or nothing to take apart) and the disposal posted or reversed. A return that
    /// ended early is closed when no team holds anything for it any more.
    /// </summary>
    public static DateTimeOffset? ClosedAt(TrackedReturn r)
    {
        if (CompletedAt(r) is { } completed)
        {
            var disassembled = r.Disassembly is { State: DisassemblyState.Disassembled or DisassemblyState.Cancelled } or { NothingToDisassemble: true };
            var booked = r.Disposal.State is AssetDisposalState.Posted or AssetDisposalState.Reversed;
            return disassembled && booked ? Latest(completed, r.Disassembly.ChangedAt, r.Disposal.ChangedAt) : null;
        }

        return EndedEarlyAt(r) is { } ended && SettledAt(r) is { } settled && NothingIsHeld(r)
            ? LatestKnown(ended, settled, r.Refund.ChangedAt, r.Replacement.ChangedAt, r.Disassembly.ChangedAt, r.Disposal.ChangedAt)
            : null;
    }

    /// <summary>When it was declined, called off or given up; null for a return that goes its way.</summary>
    public static DateTimeOffset? EndedEarlyAt(TrackedReturn r) =>
        r.Refund.State == OrderRefundState.Rejected ? r.Refund.ChangedAt
        : r.Request.CancelledAt ?? (r.Item.State == ReceiptState.Expired ? r.Item.ChangedAt : null);

    /// <summary>The replacement's state, which Inventory does not report when none was asked for.</summary>
    public static ShipmentState? ReplacementState(TrackedReturn r) =>
        r.Replacement.State ?? (r.Request.Resolution == Resolution.Refund ? ShipmentState.NotRequested : null);

    /// <summary>The item's state. Inventory stops waiting for it without a word when the return ends early.</summary>
    public static ReceiptState? ItemState(TrackedReturn r) =>
        r.Item.State == ReceiptState.Expected && EndedEarlyAt(r) is not null ? ReceiptState.Closed : r.Item.State;

    // A team that has nothing on this return was not asked, or had nothing to hold.
    private static bool NothingIsHeld(TrackedReturn r) =>
        r.Refund.State is null or OrderRefundState.Rejected or OrderRefundState.Voided or OrderRefundState.Issued
        && ReplacementState(r) is null or ShipmentState.NotRequested or ShipmentState.Cancelled or ShipmentState.Shipped or ShipmentState.Delivered
        && (r.Disassembly.State is null or DisassemblyState.Cancelled or DisassemblyState.Disassembled || r.Disassembly.NothingToDisassemble)
        && r.Disposal.State is null or AssetDisposalState.Reversed or AssetDisposalState.Posted;

    private static DateTimeOffset? Latest(params ReadOnlySpan<DateTimeOffset?> times)
    {
        DateTimeOffset? latest = null;
        foreach (var time in times)
        {
            if (time is null) return null;
            if (latest is null || time > latest) latest = time;
        }

        return latest;
    }

    private static DateTimeOffset? LatestKnown(params ReadOnlySpan<DateTimeOffset?> times)
    {
        DateTimeOffset? latest = null;
        foreach (var time in times)
            if (latest is null || time > latest) latest = time;
        return latest;
    }
}
