using EseErp.Contracts.Inventory;

namespace EseErp.Tracking.Returns;

/// <summary>What Inventory says about the item that comes back.</summary>
public sealed record ItemFacet
{
    /// <summary>Null until Inventory has said anything about the item.</summary>
    public ReceiptState? State { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Read off the device at the dock.</summary>
    public string? ReceivedSerialNumber { get; init; }

    public string? Condition { get; init; }

    /// <summary>Why it need not come back; for people.</summary>
    public string? Note { get; init; }

    public DateTimeOffset? AnsweredAt { get; init; }

    public DateTimeOffset? ReceivedAt { get; init; }

    /// <summary>When it was in the stock of its model again.</summary>
    public DateTimeOffset? RestockedAt { get; init; }

    /// <summary>When the state was last changed.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    public ItemFacet After(object fact, DateTimeOffset at) => fact switch
    {
        ReturnExpected expected => this with
        {
            State = ReceiptState.Expected,
            DueAt = expected.DueAt,
            AnsweredAt = AnsweredAt ?? at,
            ChangedAt = at,
        },
        ItemReceived received => this with
        {
            State = ReceiptState.Received,
            ReceivedSerialNumber = received.SerialNumber,
            Condition = received.Condition,
            ReceivedAt = at,
            ChangedAt = at,
        },
        ItemWaived waived => this with { State = ReceiptState.Waived, Note = waived.Reason, ChangedAt = at },
        ItemRestocked => this with { RestockedAt = at },
        ReturnExpired => this with { State = ReceiptState.Expired, ChangedAt = at },
        _ => this,
    };
}
