using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace EseErp.Contracts.Sales;

/// <summary>Asks Sales for a refund (<c>POST /order-refund-requests</c>).</summary>
public sealed record OpenOrderRefundRequest(
    [property: Required, StringLength(40)] string ReturnId,
    [property: Required, StringLength(40)] string OrderId,
    [property: Required, StringLength(40)] string LineId,
    [property: Required, StringLength(40)] string Sku,
    [property: Required, StringLength(60)] string SerialNumber,
    ReturnReason Reason,
    Resolution Resolution = Resolution.RefundAndReplace);

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

    /// <summary>A person has to decide.</summary>
    ManualReview,
}

/// <summary>Sales' document for one return.</summary>
/// <param name="Reasons">Why it was rejected; empty otherwise.</param>
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
    CoordinationMode Coordination);
