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

/// <summary>What was done to the amount of a refund.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RefundStepOperation>))]
public enum RefundStepOperation
{
    /// <summary>The beginning: what was paid for the line.</summary>
    PAID,
    ADD,
    MULTIPLY,

    /// <summary>Rounded half-even to the currency's minor unit.</summary>
    ROUND,

    /// <summary>Not more than this is left.</summary>
    LIMIT,
}

/// <summary>One step to the amount of a refund.</summary>
/// <param name="Reason">In words.</param>
/// <param name="Result">The amount after this step.</param>
public sealed record RefundStepView(RefundStepOperation Operation, decimal Value, string Reason, decimal Result);

/// <summary>Sales' document for one return.</summary>
/// <param name="Reasons">Why it was rejected; empty otherwise.</param>
/// <param name="Valuation">How the amount came about, step by step; empty where no money is owed.</param>
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
    IReadOnlyList<RefundStepView>? Valuation = null);
