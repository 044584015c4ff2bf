namespace EseErp.Sales.Orders;

/// <summary>What a customer bought. <see cref="Refunded"/> guards that no order is refunded more than was paid.</summary>
public sealed class Order
{
    public required string OrderId { get; init; }

    public required string CustomerId { get; init; }

    /// <summary>ISO 4217; all prices of the order are in it.</summary>
    public required string Currency { get; init; }

    public required DateTimeOffset OrderedAt { get; init; }

    /// <summary>UTC; null while under way.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    public required string ShipmentId { get; init; }

    public required List<OrderLine> Lines { get; init; }

    /// <summary>Sum of the refunds under review, authorized or paid for this order.</summary>
    public decimal Refunded { get; set; }

    /// <summary>Sum of what was paid.</summary>
    public decimal Paid => Lines.Sum(line => line.NetPrice);
}

/// <summary>One device.</summary>
public sealed class OrderLine
{
    public required string LineId { get; init; }

    public required string Sku { get; init; }

    public required string SerialNumber { get; init; }

    /// <summary>Before the discount.</summary>
    public required decimal ListPrice { get; init; }

    /// <summary>What was paid, discount included.</summary>
    public required decimal NetPrice { get; init; }
}

/// <summary>Someone who buys.</summary>
public sealed class Customer
{
    public required string CustomerId { get; init; }

    public required string Name { get; init; }

    /// <summary>ISO 3166-1 alpha-2.</summary>
    public required string Country { get; init; }

    public required string Currency { get; init; }
}
