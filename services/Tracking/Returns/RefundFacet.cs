using EseErp.Contracts;
using EseErp.Contracts.Sales;

namespace EseErp.Tracking.Returns;

/// <summary>What Sales says.</summary>
public sealed record RefundFacet
{
    /// <summary>Null until Sales has said anything.</summary>
    public OrderRefundState? State { get; init; }

    public string? CustomerId { get; init; }

    public decimal? Amount { get; init; }

    public string? Currency { get; init; }

    /// <summary>Why it was rejected.</summary>
    public IReadOnlyList<RejectionReason>? Reasons { get; init; }

    /// <summary>Why a person has to decide, or why it will not be paid; for people.</summary>
    public string? Note { get; init; }

    public DateTimeOffset? AnsweredAt { get; init; }

    public DateTimeOffset? IssuedAt { get; init; }

    /// <summary>When the state was last changed.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    public RefundFacet After(object fact, DateTimeOffset at) => fact switch
    {
        OrderRefundAuthorized authorized => Become(OrderRefundState.Authorized, at) with
        {
            CustomerId = authorized.CustomerId,
            Amount = authorized.Amount,
            Currency = authorized.Currency,
            Note = null,
        },
        OrderRefundRejected rejected => Become(OrderRefundState.Rejected, at) with { Reasons = rejected.Reasons, Note = null },
        OrderRefundReferred referred => Become(OrderRefundState.ManualReview, at) with
        {
            Amount = referred.Amount,
            Currency = referred.Currency,
            Note = referred.Reason,
        },
        RefundIssued issued => Become(OrderRefundState.Issued, at) with
        {
            Amount = issued.Amount,
            Currency = issued.Currency,
            IssuedAt = at,
        },
        RefundVoided voided => Become(OrderRefundState.Voided, at) with { Note = voided.Reason },
        _ => this,
    };

    private RefundFacet Become(OrderRefundState state, DateTimeOffset at) =>
        this with { State = state, AnsweredAt = AnsweredAt ?? at, ChangedAt = at };
}
