using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace EseErp.Contracts.Inventory;

/// <summary>Asks Inventory to expect the item and to reserve a replacement (<c>POST /shipment-requests</c>).</summary>
/// <param name="RefundUnderReview">Sales has not agreed to the refund yet: nothing leaves before <c>POST …/refund-authorized</c>,
/// even if the item arrives.</param>
/// <param name="Location">Where the item arrives; without it, or for an unknown one, Inventory uses its default.</param>
public sealed record OpenShipmentRequest(
    [property: Required, StringLength(40), ReturnId] string ReturnId,
    [property: Required, StringLength(40)] string Sku,
    [property: Required, StringLength(60)] string SerialNumber,
    Resolution Resolution = Resolution.RefundAndReplace,
    ReplacementTiming ReplacementTiming = ReplacementTiming.OnReceipt,
    bool RefundUnderReview = false,
    [property: StringLength(40)] string? Location = null);

/// <summary>Records the returned item at the dock (<c>POST /receipts</c>).</summary>
public sealed record RecordReceipt(
    [property: Required, StringLength(40), ReturnId] string ReturnId,
    [property: Required, StringLength(60)] string SerialNumber,
    [property: Required, StringLength(200)] string Condition);

/// <summary>The state of a replacement.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ShipmentState>))]
public enum ShipmentState
{
    /// <summary>The customer wants no replacement. Final.</summary>
    NotRequested,

    /// <summary>One device is reserved.</summary>
    Reserved,

    /// <summary>Waits for stock, first in, first out.</summary>
    Backordered,

    /// <summary>May leave; about to leave the warehouse.</summary>
    Released,

    /// <summary>Left the warehouse.</summary>
    Shipped,

    /// <summary>With the customer. Final.</summary>
    Delivered,

    /// <summary>Will not be shipped. Final.</summary>
    Cancelled,

    /// <summary>It left the warehouse for a return that then ended; the customer is asked to send it back.</summary>
    Recalled,

    /// <summary>Recalled, and back in stock. Final.</summary>
    Returned,
}

/// <summary>The state of the expected item.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReceiptState>))]
public enum ReceiptState
{
    Expected,
    Received,

    /// <summary>The item need not come back.</summary>
    Waived,

    /// <summary>The item did not come back in time.</summary>
    Expired,

    /// <summary>The return was refused or called off before the item came.</summary>
    Closed,
}

/// <summary>Inventory's document for one return.</summary>
/// <param name="Sku">The announced model, which is also the model of the replacement.</param>
/// <param name="SerialNumber">The announced one; the receipt has the one that came.</param>
/// <param name="ReplacementSerialNumber">The replacement can be returned under this number; null until it is shipped.</param>
public sealed record ShipmentRequestView(
    string ReturnId,
    string Sku,
    string SerialNumber,
    ShipmentState State,
    ReplacementTiming ReplacementTiming,
    ReturnReceiptView Receipt,
    DateTimeOffset RequestedAt,
    DateTimeOffset? ShippedAt,
    CoordinationMode Coordination,
    string? ReplacementSerialNumber = null);

/// <summary>The returned item, expected or received.</summary>
/// <param name="Location">Code of the warehouse that expects it: the named one if it exists, otherwise the default. Null for a return
/// from before warehouses were told apart.</param>
/// <param name="Sku">Model of the item; differs from the announced one if Sales has accepted a device of another model.</param>
/// <param name="NamedLocation">The named code; null if none was named.</param>
public sealed record ReturnReceiptView(
    ReceiptState State,
    DateTimeOffset DueAt,
    string? ReceivedSerialNumber,
    string? Condition,
    DateTimeOffset? ReceivedAt,
    string? Location = null,
    string? NamedLocation = null,
    string? Sku = null);

/// <summary>Stock of one model. <c>available = onHand - reserved</c>.</summary>
public sealed record StockItemView(string Sku, int OnHand, int Reserved, int Available, int Backordered);
