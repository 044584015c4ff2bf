namespace EseErp.DemoData;

/// <summary>An order of one customer, sent in one shipment.</summary>
/// <param name="OrderId">
/// Such as <c>SO-2026-000001</c>. The year is part of the number and stays, whatever the anchor date.
/// </param>
/// <param name="Currency">ISO 4217; the customer's currency, in which all prices of the order are.</param>
/// <param name="OrderedAt">UTC.</param>
/// <param name="DeliveredAt">UTC, after <paramref name="OrderedAt"/> and before the anchor date; null while under way.</param>
/// <param name="ShipmentId">Such as <c>SH-2026-000001</c>; same number as the order.</param>
/// <param name="Lines">1 to 3.</param>
/// <param name="Story">What the order is there to show.</param>
public sealed record DemoOrder(
    string OrderId,
    string CustomerId,
    string Currency,
    DateTimeOffset OrderedAt,
    DateTimeOffset? DeliveredAt,
    string ShipmentId,
    IReadOnlyList<DemoOrderLine> Lines,
    OrderStory Story);

/// <summary>One device that was sold. Amounts are in the order's currency, rounded half-even to its minor unit.</summary>
/// <param name="LineId">Counts from <c>1</c> within the order.</param>
/// <param name="SerialNumber">Such as <c>HP210-26K7-0000423</c>; no two lines of all orders share one.</param>
/// <param name="ListPrice">Price in the customer's currency before the discount.</param>
/// <param name="DiscountPercent">0 to 30 in steps of 5, or 100 for a free promotional item.</param>
/// <param name="Discount">The discount as an amount.</param>
/// <param name="NetPrice">What the customer paid: list price less discount, never negative.</param>
public sealed record DemoOrderLine(
    string LineId,
    string Sku,
    string SerialNumber,
    decimal ListPrice,
    int DiscountPercent,
    decimal Discount,
    decimal NetPrice);

/// <summary>What an order is there to show. Ages count from the anchor date.</summary>
public enum OrderStory
{
    /// <summary>Delivered 1 to 24 days ago, paid, replacement in stock: every line can be returned for any reason.</summary>
    Ordinary,

    /// <summary>As <see cref="Ordinary"/>, kept free for showing a return that goes well.</summary>
    Happy,

    /// <summary>Still under way.</summary>
    NotDelivered,

    /// <summary>Delivered 45 days ago: too late for a change of mind, in time for a defect.</summary>
    OutsideWindowChangedMind,

    /// <summary>Delivered 26 months ago: too late for a defect too.</summary>
    OutsideWindowDefective,

    /// <summary>The last line is a free promotional item; the line before it was paid.</summary>
    NothingPaid,

    /// <summary>The model of which one unit is left in stock.</summary>
    LastUnitInStock,

    /// <summary>The model that is sold out.</summary>
    OutOfStock,

    /// <summary>As <see cref="Ordinary"/>, kept free for returning one device twice.</summary>
    ReturnedTwice,

    /// <summary>Delivered 14 months ago: returnable for a defect only.</summary>
    DefectiveWithinWarranty,

    /// <summary>The dearest model at its full price.</summary>
    HighValue,

    /// <summary>Paid in Swiss francs.</summary>
    ForeignCurrency,

    /// <summary>Two devices, kept free for requests that mix up line or serial number.</summary>
    WrongDetails,
}
