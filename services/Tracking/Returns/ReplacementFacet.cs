using EseErp.Contracts.Inventory;

namespace EseErp.Tracking.Returns;

/// <summary>What Inventory says about the replacement.</summary>
public sealed record ReplacementFacet
{
    /// <summary>Null until Inventory has said anything about a replacement.</summary>
    public ShipmentState? State { get; init; }

    public string? Sku { get; init; }

    /// <summary>Why it will not be shipped; for people.</summary>
    public string? Note { get; init; }

    public DateTimeOffset? ShippedAt { get; init; }

    /// <summary>When the state was last changed.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    public ReplacementFacet After(object fact, DateTimeOffset at) => fact switch
    {
        ReplacementReserved reserved => this with { State = ShipmentState.Reserved, Sku = reserved.Sku, ChangedAt = at },
        ReplacementBackordered backordered => this with { State = ShipmentState.Backordered, Sku = backordered.Sku, ChangedAt = at },
        ReplacementShipped shipped => this with { State = ShipmentState.Shipped, Sku = shipped.Sku, ShippedAt = at, ChangedAt = at },
        ReplacementDelivered => this with { State = ShipmentState.Delivered, ChangedAt = at },
        ReplacementCancelled cancelled => this with { State = ShipmentState.Cancelled, Note = cancelled.Reason, ChangedAt = at },
        _ => this,
    };
}
