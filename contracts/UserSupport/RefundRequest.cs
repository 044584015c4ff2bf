namespace EseErp.Contracts.UserSupport;

/// <summary>
/// A customer wants to return one device. Identifying data only: every team looks up what else it needs in its own
/// data. The only message User Support publishes to start the process in event mode. The event's <c>time</c> is when the customer
/// filed; return windows count from then.
/// </summary>
/// <param name="ReturnId">Stable id of the return, <c>RMA-2026-000123</c>; key of every message about it.</param>
/// <param name="CaseId">Groups several devices of one customer case.</param>
/// <param name="CustomerId">The customer, where User Support knows it; the only personal datum an event may carry.</param>
/// <param name="Cost">Where the cost is booked. It has no amount: Accounting derives it.</param>
[EventType("ese.user-support.refund-request.v1")]
public sealed record RefundRequest(
    string ReturnId,
    string CaseId,
    string? CustomerId,
    OrderReference Order,
    ModelReference Model,
    ShipmentReference? Shipment,
    DefectiveItemReference DefectiveItem,
    LocationReference Location,
    CostReference Cost,
    ReturnReason Reason,
    Resolution Resolution,
    ReplacementTiming ReplacementTiming);

/// <summary>The order line the device was sold on.</summary>
public sealed record OrderReference(string OrderId, string LineId);

/// <summary>The product model.</summary>
public sealed record ModelReference(string Sku);

/// <summary>The shipment that brought the device to the customer.</summary>
public sealed record ShipmentReference(string ShipmentId);

/// <summary>The device that comes back.</summary>
public sealed record DefectiveItemReference(string SerialNumber);

/// <summary>Where the item arrives.</summary>
public sealed record LocationReference(string Code);

/// <summary>The cost center that bears the return, and the currency it keeps its books in (ISO 4217).</summary>
public sealed record CostReference(string CostCenter, string Currency);
