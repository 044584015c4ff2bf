using System.Text.Json.Serialization;
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

    /// <summary>Why a person has to decide, what that person said, or why it will not be paid; for people.</summary>
    public string? Note { get; init; }

    public DateTimeOffset? AnsweredAt { get; init; }

    public DateTimeOffset? AuthorizedAt { get; init; }

    /// <summary>When a person was asked to decide, the last time.</summary>
    public DateTimeOffset? ReferredAt { get; init; }

    /// <summary>Stays when money that was paid before is then looked into: the return is declined nevertheless.</summary>
    public DateTimeOffset? RejectedAt { get; init; }

    /// <summary>When a person accepted another device than was announced.</summary>
    public DateTimeOffset? MismatchAcceptedAt { get; init; }

    /// <summary>The device that is returned since then; null where it was not told.</summary>
    public string? ReturnedSerialNumber { get; init; }

    /// <summary>Its model.</summary>
    public string? ReturnedSku { get; init; }

    /// <summary>When a person accepted that the item goes back to the customer.</summary>
    public DateTimeOffset? SentBackAcceptedAt { get; init; }

    public DateTimeOffset? IssuedAt { get; init; }

    /// <summary>When a person let the customer keep the money of a return that had ended.</summary>
    public DateTimeOffset? UpheldAt { get; init; }

    /// <summary>When the money of a return that had ended was given back.</summary>
    public DateTimeOffset? RecoveredAt { get; init; }

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
            AuthorizedAt = at,
        },
        OrderRefundRejected rejected => Become(OrderRefundState.Rejected, at) with
        {
            Reasons = rejected.Reasons,
            Note = rejected.Note,
            RejectedAt = at,
        },
        OrderRefundReferred referred => Become(OrderRefundState.ManualReview, at) with
        {
            Amount = referred.Amount,
            Currency = referred.Currency,
            Note = referred.Reason,
            ReferredAt = at,
        },
        ItemMismatchAccepted accepted => Become(BeforeReview, at) with
        {
            Note = accepted.Note,
            MismatchAcceptedAt = at,
            ReturnedSerialNumber = accepted.SerialNumber,
            ReturnedSku = accepted.Sku,
            Amount = accepted.Amount ?? Amount,
            Currency = accepted.Currency ?? Currency,
        },
        DeviceGivenUp given => this with { Amount = IssuedAt is null ? 0 : Amount, Note = $"The device came back in {given.CameBackIn}.", ChangedAt = at },
        SentBackAccepted accepted => Become(BeforeReview, at) with { Note = accepted.Note, SentBackAcceptedAt = at },
        RefundIssued issued => Become(OrderRefundState.Issued, at) with
        {
            Amount = issued.Amount,
            Currency = issued.Currency,
            IssuedAt = at,
        },
        RefundUpheld upheld => Become(OrderRefundState.Issued, at) with { Note = upheld.Note, UpheldAt = at },
        RefundRecovered => Become(OrderRefundState.Voided, at) with { RecoveredAt = at },
        RefundVoided voided => Become(OrderRefundState.Voided, at) with { Note = voided.Reason },
        _ => this,
    };

    /// <summary>Whether Sales has nothing left to decide or to pay on a return that has ended. Money that was paid is looked into.</summary>
    [JsonIgnore]
    public bool IsAtRestAfterTheEnd => IssuedAt is null
        ? State is null or OrderRefundState.Rejected or OrderRefundState.Voided
        : UpheldAt is not null || RecoveredAt is not null;

    // What Sales said before it had to ask a person. An amount under review stays so: that is another question.
    private OrderRefundState BeforeReview =>
        IssuedAt is not null ? OrderRefundState.Issued
        : AuthorizedAt is not null ? OrderRefundState.Authorized
        : OrderRefundState.ManualReview;

    private RefundFacet Become(OrderRefundState state, DateTimeOffset at) =>
        this with { State = state, AnsweredAt = AnsweredAt ?? at, ChangedAt = at };
}
