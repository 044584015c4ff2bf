using EseErp.Contracts.Inventory;

namespace EseErp.Tracking.Returns;

/// <summary>What Inventory says about the replacement.</summary>
public sealed record ReplacementFacet
{
    /// <summary>Null until Inventory has said anything about a replacement.</summary>
    public ShipmentState? State { get; init; }

    public string? Sku { get; init; }

    /// <summary>Of the unit that was shipped; null until one was, or where it had none.</summary>
    public string? SerialNumber { get; init; }

    /// <summary>Why it will not be shipped, or is asked back; for people.</summary>
    public string? Note { get; init; }

    public DateTimeOffset? ShippedAt { get; init; }

    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>When the customer was asked to send it back.</summary>
    public DateTimeOffset? RecalledAt { get; init; }

    /// <summary>When it was back in stock.</summary>
    public DateTimeOffset? ReturnedAt { get; init; }

    /// <summary>When the state was last changed.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    public ReplacementFacet After(object fact, DateTimeOffset at) => fact switch
    {
        ReplacementReserved reserved => this with { State = ShipmentState.Reserved, Sku = reserved.Sku, ChangedAt = at },
        ReplacementBackordered backordered => this with { State = ShipmentState.Backordered, Sku = backordered.Sku, ChangedAt = at },
        ReplacementShipped shipped => this with { State = ShipmentState.Shipped, Sku = shipped.Sku, SerialNumber = shipped.SerialNumber, ShippedAt = at, ChangedAt = at },
        // A unit that was asked back may reach the customer nevertheless; it is asked back still.
        ReplacementDelivered when RecalledAt is not null => this with { DeliveredAt = at },
        ReplacementDelivered => this with { State = ShipmentState.Delivered, DeliveredAt = at, ChangedAt = at },
        ReplacementRecalled recalled => this with { State = ShipmentState.Recalled, Note = recalled.Reason, RecalledAt = at, ChangedAt = at },
        RecalledUnitReturned => this with { State = ShipmentState.Returned, ReturnedAt = at, ChangedAt = at },
        ReplacementCancelled cancelled => this with { State = ShipmentState.Cancelled, Note = cancelled.Reason, ChangedAt = at },
        _ => this,
    };
}
