namespace EseErp.Contracts.Sales;

/// <summary>Sales owes the customer this refund. Reversible until <see cref="RefundIssued"/>.</summary>
/// <param name="Amount">What will be paid, rounded to the minor unit of <paramref name="Currency"/>; greater than zero
/// unless the resolution has no refund.</param>
/// <param name="Currency">ISO 4217.</param>
[EventType("ese.sales.order-refund-authorized.v1")]
public sealed record OrderRefundAuthorized(string ReturnId, string CustomerId, decimal Amount, string Currency);

/// <summary>Sales refuses the refund; every other team releases what it holds for the return.</summary>
/// <param name="Reasons">All reasons that apply; never empty.</param>
[EventType("ese.sales.order-refund-rejected.v1")]
public sealed record OrderRefundRejected(string ReturnId, IReadOnlyList<RejectionReason> Reasons);

/// <summary>A person has to look at the refund before it is authorized.</summary>
[EventType("ese.sales.order-refund-referred.v1")]
public sealed record OrderRefundReferred(string ReturnId, string Reason, decimal Amount, string Currency);

/// <summary>The money is paid. Irreversible; published once per return.</summary>
[EventType("ese.sales.refund-issued.v1")]
public sealed record RefundIssued(string ReturnId, decimal Amount, string Currency);

/// <summary>An authorized refund will not be paid.</summary>
[EventType("ese.sales.refund-voided.v1")]
public sealed record RefundVoided(string ReturnId, string Reason);
