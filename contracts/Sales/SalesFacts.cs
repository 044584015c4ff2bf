using System.Text.Json.Serialization;

namespace EseErp.Contracts.Sales;

/// <summary>Sales owes the customer this refund. Reversible until <see cref="RefundIssued"/>.</summary>
/// <param name="Amount">What will be paid, rounded to the minor unit of <paramref name="Currency"/>; greater than zero
/// unless the resolution has no refund.</param>
/// <param name="Currency">ISO 4217.</param>
[EventType("ese.sales.order-refund-authorized.v1")]
public sealed record OrderRefundAuthorized(string ReturnId, string CustomerId, decimal Amount, string Currency);

/// <summary>Sales refuses the refund; every other team releases what it holds for the return.</summary>
/// <param name="Reasons">All reasons that apply; never empty. <see cref="RejectionReason.DeclinedOnReview"/> when a person decided.</param>
/// <param name="Note">What that person said; null for a rejection by rule.</param>
[EventType("ese.sales.order-refund-rejected.v3")]
public sealed record OrderRefundRejected(string ReturnId, IReadOnlyList<RejectionReason> Reasons, string? Note = null)
    : INextVersionOf<OrderRefundRejectedV2, OrderRefundRejected>
{
    public static OrderRefundRejected From(OrderRefundRejectedV2 earlier) =>
        new(earlier.ReturnId, [.. earlier.Reasons.Select(reason => Enum.Parse<RejectionReason>(reason.ToString()))], earlier.Note);
}

/// <summary>A refund was refused, as recorded before the shipment was checked.</summary>
[EventType("ese.sales.order-refund-rejected.v2")]
public sealed record OrderRefundRejectedV2(string ReturnId, IReadOnlyList<RejectionReasonV2> Reasons, string? Note = null)
    : INextVersionOf<OrderRefundRejectedV1, OrderRefundRejectedV2>
{
    public static OrderRefundRejectedV2 From(OrderRefundRejectedV1 earlier) =>
        new(earlier.ReturnId, [.. earlier.Reasons.Select(reason => Enum.Parse<RejectionReasonV2>(reason.ToString()))]);
}

/// <summary>The reasons that <see cref="OrderRefundRejectedV2"/> knew.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RejectionReasonV2>))]
public enum RejectionReasonV2
{
    OrderUnknown,
    LineUnknown,
    SerialNotOnLine,
    NotDelivered,
    OutsideReturnWindow,
    AlreadyReturned,
    NothingPaid,
    DeclinedOnReview,
}

/// <summary>A refund was refused, as recorded before people could decline one.</summary>
[EventType("ese.sales.order-refund-rejected.v1")]
public sealed record OrderRefundRejectedV1(string ReturnId, IReadOnlyList<RejectionReasonV1> Reasons);

/// <summary>The reasons that <see cref="OrderRefundRejectedV1"/> knew.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RejectionReasonV1>))]
public enum RejectionReasonV1
{
    OrderUnknown,
    LineUnknown,
    SerialNotOnLine,
    NotDelivered,
    OutsideReturnWindow,
    AlreadyReturned,
    NothingPaid,
}

/// <summary>
/// A person must decide: the amount is above the limit, another device came back than was announced, the item goes back to the
/// customer, or a refund was paid for a return that ended. Nothing is paid until then; the answer is <see cref="OrderRefundAuthorized"/>,
/// <see cref="OrderRefundRejected"/>, <see cref="ItemMismatchAccepted"/>, <see cref="SentBackAccepted"/>, <see cref="RefundUpheld"/> or
/// <see cref="RefundRecovered"/>.
/// </summary>
[EventType("ese.sales.order-refund-referred.v1")]
public sealed record OrderRefundReferred(string ReturnId, string Reason, decimal Amount, string Currency);

/// <summary>The money is paid. Irreversible; published once per return.</summary>
[EventType("ese.sales.refund-issued.v1")]
public sealed record RefundIssued(string ReturnId, decimal Amount, string Currency);

/// <summary>An authorized refund will not be paid.</summary>
[EventType("ese.sales.refund-voided.v1")]
public sealed record RefundVoided(string ReturnId, string Reason);

/// <summary>
/// A person at Sales accepts that another device came back than was announced. From then on it is the returned one, and the
/// announced one can be returned again.
/// </summary>
/// <param name="Note">What that person said; null if nothing.</param>
/// <param name="SerialNumber">Of the device that came; null in events from before it was recorded.</param>
/// <param name="Sku">Its model: that of the announced device if Sales has never sold it. Null in events from before it was recorded.</param>
/// <param name="Amount">What is owed for it, in <paramref name="Currency"/>; null in events from before it was recorded.</param>
/// <param name="Currency">ISO 4217.</param>
[EventType("ese.sales.item-mismatch-accepted.v2")]
public sealed record ItemMismatchAccepted(
    string ReturnId, string? Note, string? SerialNumber = null, string? Sku = null, decimal? Amount = null, string? Currency = null)
    : INextVersionOf<ItemMismatchAcceptedV1, ItemMismatchAccepted>
{
    public static ItemMismatchAccepted From(ItemMismatchAcceptedV1 earlier) => new(earlier.ReturnId, earlier.Note);
}

/// <summary>
/// The device that this return announced came back in another return, and a person at Sales accepted it there. This return no longer has a claim
/// to it, nor to the money for it unless that is paid already. Nothing is shipped for it until <see cref="ItemMismatchAccepted"/>.
/// </summary>
/// <param name="SerialNumber">Of that device, as this return announced it.</param>
/// <param name="CameBackIn">Id of the return that has it.</param>
[EventType("ese.sales.device-given-up.v1")]
public sealed record DeviceGivenUp(string ReturnId, string SerialNumber, string CameBackIn);

/// <summary>Another device was accepted, as recorded before the event named it.</summary>
[EventType("ese.sales.item-mismatch-accepted.v1")]
public sealed record ItemMismatchAcceptedV1(string ReturnId, string? Note);

/// <summary>A person at Sales accepts that the item goes back to the customer, who also gets the money or the replacement.</summary>
/// <param name="Note">What that person said; null if nothing.</param>
[EventType("ese.sales.sent-back-accepted.v1")]
public sealed record SentBackAccepted(string ReturnId, string? Note);

/// <summary>The return ended after the money was paid, and the customer may keep it.</summary>
/// <param name="Note">What the person said; null if nothing.</param>
[EventType("ese.sales.refund-upheld.v1")]
public sealed record RefundUpheld(string ReturnId, string? Note);

/// <summary>The return ended after the money was paid, and the customer gave it back.</summary>
[EventType("ese.sales.refund-recovered.v1")]
public sealed record RefundRecovered(string ReturnId, decimal Amount, string Currency);
