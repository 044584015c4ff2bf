using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace EseErp.Contracts.Sales;

/// <summary>Asks Sales for a refund (<c>POST /order-refund-requests</c>).</summary>
/// <param name="ShipmentId">The shipment that brought the device, if one was named: it must belong to the order.</param>
/// <param name="FiledAt">When the customer filed the return; the return window counts from then. Default: the time of the call.</param>
public sealed record OpenOrderRefundRequest(
    [property: Required, StringLength(40), ReturnId] string ReturnId,
    [property: Required, StringLength(40)] string OrderId,
    [property: Required, StringLength(40)] string LineId,
    [property: Required, StringLength(40)] string Sku,
    [property: Required, StringLength(60)] string SerialNumber,
    ReturnReason Reason,
    Resolution Resolution = Resolution.RefundAndReplace,
    DateTimeOffset? FiledAt = null,
    [property: StringLength(40)] string? ShipmentId = null);

/// <summary>The state of a refund.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OrderRefundState>))]
public enum OrderRefundState
{
    /// <summary>Not decided yet.</summary>
    Pending,

    /// <summary>Owed, not yet paid.</summary>
    Authorized,

    /// <summary>Paid. Final.</summary>
    Issued,

    /// <summary>Refused. Final.</summary>
    Rejected,

    /// <summary>Will not be paid. Final.</summary>
    Voided,

    /// <summary>A person must decide.</summary>
    ManualReview,
}

/// <summary>What a person must decide.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RefundReview>))]
public enum RefundReview
{
    /// <summary>The amount is above the limit. Approved: authorized. Declined: rejected.</summary>
    Amount,

    /// <summary>Another device came back than was announced. Approved: the return continues with it. Declined: rejected.</summary>
    Mismatch,

    /// <summary>
    /// The item goes back to the customer, who would then have it, the money and the replacement. Approved: accepted. Declined:
    /// rejected, and what has left must come back.
    /// </summary>
    SentBack,

    /// <summary>The return ended after the money was paid. Approved: the customer keeps it. Declined: it was recovered.</summary>
    Recovery,
}

/// <summary>Traditional mode: the item has arrived.</summary>
/// <param name="SerialNumber">Read off the device.</param>
public sealed record ReportItemReceived([property: Required, StringLength(60)] string SerialNumber);

/// <summary>Traditional mode: the replacement has left the warehouse.</summary>
/// <param name="SerialNumber">Of the replacement.</param>
/// <param name="Sku">Its model.</param>
public sealed record ReportReplacementShipped(
    [property: Required, StringLength(60)] string SerialNumber,
    [property: Required, StringLength(40)] string Sku);

/// <summary>Traditional mode: Sales accepts another device than announced.</summary>
/// <param name="SerialNumber">Of the device that came.</param>
/// <param name="Sku">Its model.</param>
public sealed record ReportMismatchAccepted(
    [property: Required, StringLength(60)] string SerialNumber,
    [property: Required, StringLength(40)] string Sku);

/// <summary>A person's decision on a refund under review.</summary>
/// <param name="Note">Why, for people.</param>
public sealed record ReviewDecision([property: StringLength(500)] string? Note = null);

/// <summary>A step in the calculation of a refund.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RefundStepOperation>))]
public enum RefundStepOperation
{
    /// <summary>The first step: what was paid for the line.</summary>
    PAID,
    ADD,
    MULTIPLY,

    /// <summary>Rounded half-even to the currency's minor unit.</summary>
    ROUND,

    /// <summary>Limited: no more than this is left.</summary>
    LIMIT,
}

/// <summary>One step in the calculation of a refund.</summary>
/// <param name="Reason">In words.</param>
/// <param name="Result">The amount after this step.</param>
public sealed record RefundStepView(RefundStepOperation Operation, decimal Value, string Reason, decimal Result);

/// <summary>Sales' document for one return.</summary>
/// <param name="Reasons">Why it was rejected; empty otherwise.</param>
/// <param name="Review">What a person must decide, while it is under review; null otherwise.</param>
/// <param name="ReviewNote">Why it is under review, or what the person said.</param>
/// <param name="RequestedAt">When the customer filed the return.</param>
/// <param name="Valuation">The calculation of the amount, step by step; empty where no money is owed.</param>
/// <param name="Returned">The device that is returned instead of the announced one, once a person has accepted it; null otherwise.</param>
/// <param name="ReplacementSerialNumber">The shipped replacement can be returned under this number; null if none was shipped.</param>
public sealed record OrderRefundRequestView(
    string ReturnId,
    string OrderId,
    string LineId,
    string SerialNumber,
    string? CustomerId,
    OrderRefundState State,
    decimal Amount,
    string? Currency,
    IReadOnlyList<RejectionReason> Reasons,
    DateTimeOffset RequestedAt,
    DateTimeOffset? IssuedAt,
    CoordinationMode Coordination,
    IReadOnlyList<RefundStepView>? Valuation = null,
    RefundReview? Review = null,
    string? ReviewNote = null,
    DeviceView? Returned = null,
    string? ReplacementSerialNumber = null);
