using EseErp.Contracts;
using EseErp.Sales.Orders;
using EseErp.Sales.Refunds;

namespace EseErp.Domain.Tests.Sales;

/// <summary>An order of two devices, delivered yesterday, and requests to return one of them.</summary>
internal static class Refunds
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public const string Sku = "HP-210-BLK";

    public static Order Order(DateTimeOffset? deliveredAt, params decimal[] netPrices) => new()
    {
        OrderId = "SO-2026-000001",
        CustomerId = "C-000001",
        Currency = "EUR",
        OrderedAt = Now.AddDays(-5),
        DeliveredAt = deliveredAt,
        ShipmentId = "SH-2026-000001",
        Lines = netPrices.Select((netPrice, index) => new OrderLine
        {
            LineId = $"{index + 1}",
            Sku = Sku,
            SerialNumber = Serial(index + 1),
            ListPrice = 249.90m,
            NetPrice = netPrice,
        }).ToList(),
    };

    public static Order Order() => Order(Now.AddDays(-1), 199.90m, 89.50m);

    public static OrderRefundRequest Request(
        int line = 1, ReturnReason reason = ReturnReason.WrongItem, Resolution resolution = Resolution.RefundAndReplace,
        string? lineId = null, string? serialNumber = null, string returnId = "RMA-2026-000001", DateTimeOffset? filedAt = null) => new()
        {
            ReturnId = returnId,
            OrderId = "SO-2026-000001",
            LineId = lineId ?? $"{line}",
            SerialNumber = serialNumber ?? Serial(line),
            Reason = reason,
            Resolution = resolution,
            Coordination = CoordinationMode.Event,
            RequestedAt = filedAt ?? Now,
        };

    /// <summary>Decides and answers with the facts that followed.</summary>
    public static List<object> Decided(
        this OrderRefundRequest request, Order? order, bool alreadyReturned = false, RefundPolicy policy = RefundPolicy.OnReceived, DateTimeOffset? now = null,
        string sku = Sku) => request.Decide(order, sku, alreadyReturned, policy, now ?? Now).ToList();

    private static string Serial(int line) => $"HP210-26K7-{line:0000000}";
}
