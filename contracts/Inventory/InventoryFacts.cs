namespace EseErp.Contracts.Inventory;

/// <summary>Inventory waits for the returned item. Inventory's answer to every request, with or without a replacement.</summary>
/// <param name="DueAt">UTC; the item is expected until then.</param>
[EventType("ese.inventory.return-expected.v1")]
public sealed record ReturnExpected(string ReturnId, DateTimeOffset DueAt);

/// <summary>One unit of the same model is set aside for the customer.</summary>
[EventType("ese.inventory.replacement-reserved.v1")]
public sealed record ReplacementReserved(string ReturnId, string Sku);

/// <summary>No unit is available; the replacement waits its turn, first in, first out. Not a failure.</summary>
[EventType("ese.inventory.replacement-backordered.v1")]
public sealed record ReplacementBackordered(string ReturnId, string Sku);

/// <summary>The replacement has left the warehouse. Irreversible; published once per return.</summary>
[EventType("ese.inventory.replacement-shipped.v1")]
public sealed record ReplacementShipped(string ReturnId, string Sku);

/// <summary>The replacement is with the customer.</summary>
[EventType("ese.inventory.replacement-delivered.v1")]
public sealed record ReplacementDelivered(string ReturnId);

/// <summary>The reservation or backorder is released; nothing will be shipped.</summary>
[EventType("ese.inventory.replacement-cancelled.v1")]
public sealed record ReplacementCancelled(string ReturnId, string Reason);

/// <summary>The returned item is in the warehouse.</summary>
/// <param name="SerialNumber">Read off the device, which need not be the one that was announced.</param>
/// <param name="Condition">As seen at the dock, for people, at most 200 characters.</param>
[EventType("ese.inventory.item-received.v1")]
public sealed record ItemReceived(string ReturnId, string SerialNumber, string Condition);

/// <summary>The item did not come back in time.</summary>
[EventType("ese.inventory.return-expired.v1")]
public sealed record ReturnExpired(string ReturnId);
