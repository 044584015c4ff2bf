namespace EseErp.Contracts.Inventory;

/// <summary>Inventory waits for the returned item. Inventory's answer to every request, with or without a replacement.</summary>
/// <param name="DueAt">UTC; the item is expected until then.</param>
[EventType("ese.inventory.return-expected.v1")]
public sealed record ReturnExpected(string ReturnId, DateTimeOffset DueAt);

/// <summary>One device of the same model is reserved for the customer.</summary>
[EventType("ese.inventory.replacement-reserved.v1")]
public sealed record ReplacementReserved(string ReturnId, string Sku);

/// <summary>No device is available; the replacement waits for its turn, first in, first out. Not a failure.</summary>
[EventType("ese.inventory.replacement-backordered.v1")]
public sealed record ReplacementBackordered(string ReturnId, string Sku);

/// <summary>The replacement has left the warehouse. Irreversible; published once per return.</summary>
/// <param name="SerialNumber">Of the replacement, which can be returned itself; null for one shipped before replacements had a number.</param>
[EventType("ese.inventory.replacement-shipped.v2")]
public sealed record ReplacementShipped(string ReturnId, string Sku, string? SerialNumber = null) : INextVersionOf<ReplacementShippedV1, ReplacementShipped>
{
    public static ReplacementShipped From(ReplacementShippedV1 earlier) => new(earlier.ReturnId, earlier.Sku);
}

/// <summary>A replacement has left the warehouse, as recorded before replacements had a serial number.</summary>
[EventType("ese.inventory.replacement-shipped.v1")]
public sealed record ReplacementShippedV1(string ReturnId, string Sku);

/// <summary>The replacement is with the customer.</summary>
[EventType("ese.inventory.replacement-delivered.v1")]
public sealed record ReplacementDelivered(string ReturnId);

/// <summary>The reservation or backorder is released; nothing will be shipped.</summary>
[EventType("ese.inventory.replacement-cancelled.v1")]
public sealed record ReplacementCancelled(string ReturnId, string Reason);

/// <summary>The returned item is in the warehouse.</summary>
/// <param name="SerialNumber">The number on the device, which may differ from the announced one.</param>
/// <param name="Condition">As seen at the dock, for people, at most 200 characters.</param>
[EventType("ese.inventory.item-received.v1")]
public sealed record ItemReceived(string ReturnId, string SerialNumber, string Condition);

/// <summary>The item did not come back in time.</summary>
[EventType("ese.inventory.return-expired.v1")]
public sealed record ReturnExpired(string ReturnId);

/// <summary>The item need not come back; the return continues as if it had.</summary>
/// <param name="Reason">For people, at most 500 characters.</param>
[EventType("ese.inventory.item-waived.v1")]
public sealed record ItemWaived(string ReturnId, string Reason);

/// <summary>By inspection the item is as good as new, and is in the stock of its model again.</summary>
[EventType("ese.inventory.item-restocked.v1")]
public sealed record ItemRestocked(string ReturnId, string Sku);

/// <summary>The return ended after the replacement had left: the customer is asked to send it back.</summary>
[EventType("ese.inventory.replacement-recalled.v1")]
public sealed record ReplacementRecalled(string ReturnId, string Sku, string Reason);

/// <summary>A recalled replacement is back in stock.</summary>
[EventType("ese.inventory.recalled-unit-returned.v1")]
public sealed record RecalledUnitReturned(string ReturnId, string Sku);
