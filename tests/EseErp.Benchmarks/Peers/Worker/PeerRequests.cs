using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;

namespace EseErp.Benchmarks;

/// <summary>The requests that are filed, real contracts of a realistic size, and the fact that answers each.</summary>
public static class PeerRequests
{
    public static string ReturnId(int number) => $"RMA-2026-{number:000000}";

    public static RefundRequest Of(int number) => new(
        ReturnId(number),
        $"CASE-2026-{number / 2:000000}",
        $"CUST-{number % 4000:00000}",
        new OrderReference($"SO-2026-{number:000000}", $"L{number % 3 + 1}"),
        new ModelReference($"ESE-{number % 83:000}-BLK"),
        new ShipmentReference($"SHP-2026-{number:000000}"),
        new DefectiveItemReference($"SN-{number:00000000}"),
        new LocationReference("WH-EAST"),
        new CostReference("CC-4100", "EUR"),
        ReturnReason.Defective,
        Resolution.RefundAndReplace,
        ReplacementTiming.OnReceipt);

    public static OrderRefundAuthorized Answer(RefundRequest asked) => new(asked.ReturnId, asked.CustomerId!, 129.90m, asked.Cost.Currency);
}
