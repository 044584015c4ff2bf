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
    /// The first that applies, from top to bottom. While an event of it is not applied somewhere, nothing else is certain. A rejection is final, even while User Support has not got it yet. What a
    /// person has to act on stands above progress; what the customer has got stands above a cancellation that came too late.
    /// </summary>
    public static TrackedStatus StatusOf(TrackedReturn r) => r switch
    {
        { Stuck.Open: > 0 } => TrackedStatus.Stuck,
        { Refund.RejectedAt: not null } => TrackedStatus.Declined,
        { Request.IncompleteStep: not null } => TrackedStatus.Incomplete,
        _ when CompletedAt(r) is not null => TrackedStatus.Completed,
        { Request.CancelledAt: not null } => TrackedStatus.Cancelled,
        { Item.State: ReceiptState.Expired } => TrackedStatus.Expired,
        { Refund.State: OrderRefundState.ManualReview } => TrackedStatus.UnderReview,
        _ when AnotherDeviceIsIn(r) => TrackedStatus.UnderReview,
        { Disassembly.DiagnosedAt: not null } => TrackedStatus.Inspected,
        { Item.ReceivedAt: not null } => TrackedStatus.ItemReceived,
        { Refund.AnsweredAt: not null, Item.State: ReceiptState.Expected } => TrackedStatus.AwaitingItem,
        { Refund.AnsweredAt: not null } => TrackedStatus.Approved,
        _ => TrackedStatus.Requested,
    };

    /// <summary>
    /// Settled: all four teams have answered the request. In traditional mode the early end of a return stops User Support
    /// from asking further teams, which settles it with fewer answers.
    /// </summary>
    public static DateTimeOffset? SettledAt(TrackedReturn r)
    {
        if (Latest(r.Refund.AnsweredAt, r.Item.AnsweredAt, r.Disassembly.AnsweredAt, r.Disposal.AnsweredAt) is { } all) return all;
        return r.Mode.IsTraditional() ? EndedEarlyAt(r) : null;
    }

    /// <summary>
    /// Completed: refund issued if asked for, replacement shipped if asked for, item received or waived; and nothing of it
    /// taken back or in question.
    /// </summary>
    public static DateTimeOffset? CompletedAt(TrackedReturn r)
    {
        if (r.Request.Resolution is not { } resolution || r.Refund.RejectedAt is not null || AnotherDeviceIsIn(r)) return null;
        if (r.Refund.State is not (OrderRefundState.Authorized or OrderRefundState.Issued)) return null;
        var item = r.Item.State == ReceiptState.Waived ? r.Item.ChangedAt : r.Item.ReceivedAt;
        var shipped = r.Replacement.State is ShipmentState.Shipped or ShipmentState.Delivered ? r.Replacement.ShippedAt : null;
        var completed = resolution switch
        {
            Resolution.Refund => Latest(item, r.Refund.IssuedAt),
            Resolution.Replace => Latest(item, shipped),
            _ => Latest(item, r.Refund.IssuedAt, shipped),
        };
        return completed is null ? null : LatestKnown(completed, r.Refund.MismatchAcceptedAt, r.Refund.SentBackAcceptedAt);
    }

    /// <summary>
    /// Closed: completed, and taken apart (or nothing to take apart, and on the shelf if so decided) and the disposal posted or reversed. A return that
    /// ended early is closed when no team holds anything for it any more, and nothing that left for it is still outside. None is while it is stuck.
    /// </summary>
    public static DateTimeOffset? ClosedAt(TrackedReturn r)
    {
        if (r.Request.RequestedAt is null || r.Stuck.Open > 0 || IsOnItsWayToTheShelf(r)) return null;
        if (CompletedAt(r) is { } completed)
        {
            var disassembled = r.Disassembly is { State: DisassemblyState.Disassembled or DisassemblyState.Cancelled } or { NothingToDisassemble: true };
            var booked = r.Disposal.State is AssetDisposalState.Posted or AssetDisposalState.Reversed;
            return disassembled && booked ? LatestKnown(completed, r.Disassembly.ChangedAt, r.Disposal.ChangedAt, r.Item.RestockedAt, r.Stuck.ChangedAt) : null;
        }

        return EndedEarlyAt(r) is { } ended && SettledAt(r) is { } settled && NothingIsHeld(r)
            ? LatestKnown(
                ended, settled, r.Refund.ChangedAt, r.Replacement.ChangedAt, r.Disassembly.ChangedAt, r.Disposal.ChangedAt, r.Item.RestockedAt, r.Stuck.ChangedAt)
            : null;
    }

    /// <summary>When it was declined, called off or given up; null for a return that goes its way.</summary>
    public static DateTimeOffset? EndedEarlyAt(TrackedReturn r) =>
        r.Refund.RejectedAt ?? r.Request.CancelledAt ?? (r.Item.State == ReceiptState.Expired ? r.Item.ChangedAt : null);

    /// <summary>The replacement's state, which Inventory does not report when none was asked for.</summary>
    public static ShipmentState? ReplacementState(TrackedReturn r) =>
        r.Replacement.State ?? (r.Request.Resolution == Resolution.Refund ? ShipmentState.NotRequested : null);

    /// <summary>The item's state. Inventory stops waiting for it without a word when the return ends early.</summary>
    public static ReceiptState? ItemState(TrackedReturn r) =>
        r.Item.State == ReceiptState.Expected && EndedEarlyAt(r) is not null ? ReceiptState.Closed : r.Item.State;

    /// <summary>The order's state. Manufacturing continues without a word once a person has accepted another device.</summary>
    public static DisassemblyState? DisassemblyStateOf(TrackedReturn r) =>
        r.Disassembly.State == DisassemblyState.Mismatch && r.Refund.MismatchAcceptedAt is not null ? DisassemblyState.Received : r.Disassembly.State;

    // Whoever reads the serial number sees it, so this need not wait for what a team says of it.
    private static bool AnotherDeviceIsIn(TrackedReturn r) =>
        r is { Item.ReceivedSerialNumber: { } received, Request.SerialNumber: { } announced, Refund.MismatchAcceptedAt: null } && !SerialNumbers.Same(received, announced);

    private static bool IsOnItsWayToTheShelf(TrackedReturn r) =>
        r is { Disassembly.Disposition: Disposition.ReturnToStock, Item.RestockedAt: null };

    // A team that has nothing on this return was not asked, or had nothing to hold. Inventory, once asked, says what it does
    // about a replacement; one that left is asked back.
    private static bool NothingIsHeld(TrackedReturn r) =>
        r.Refund.IsAtRestAfterTheEnd
        && ReplacementState(r) switch
        {
            null => r.Item.AnsweredAt is null,
            ShipmentState.NotRequested or ShipmentState.Cancelled or ShipmentState.Returned => true,
            _ => false,
        }
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
