using EseErp.Sales.Orders;

namespace EseErp.Sales.Refunds;

/// <summary>What happened to an order line before a return of it is decided.</summary>
/// <param name="IsRefunded">Money for the line is under review, owed or paid in another return: there is one refund for a line.</param>
/// <param name="IsReplacement">The device that comes back was shipped as a replacement for the line's.</param>
public sealed record LineHistory(bool IsRefunded = false, bool IsReplacement = false)
{
    /// <summary>Nothing.</summary>
    public static LineHistory None { get; } = new();
}

/// <summary>A device that Sales knows: the line it was sold on, or that it was shipped for as a replacement.</summary>
/// <param name="Sku">Its model.</param>
/// <param name="Freed">What the order is about to get back from returns that give the device up.</param>
public sealed record SoldDevice(Order Order, OrderLine Line, string Sku, LineHistory History, decimal Freed = 0);
