using EseErp.DemoData;

namespace EseErp.Domain.Tests.DemoData;

/// <summary>The rules of Sales as the domain description states them, to judge the demo data by; not the code of Sales.</summary>
internal static class SalesRules
{
    public static IEnumerable<string> Rejections(DemoCatalogue catalogue, DemoReturn request, DateTimeOffset now)
    {
        if (!int.TryParse(request.OrderId.AsSpan(8), out var number)
            || number > catalogue.OrderCount
            || catalogue.Order(number) is not { } order
            || order.OrderId != request.OrderId)
        {
            yield return "OrderUnknown";
            yield break;
        }

        if (order.Lines.SingleOrDefault(line => line.LineId == request.LineId) is not { } line)
        {
            yield return "LineUnknown";
            yield break;
        }

        if (line.SerialNumber != request.SerialNumber)
            yield return "SerialNotOnLine";
        if (order.DeliveredAt is not { } deliveredAt)
            yield return "NotDelivered";
        else if (now.UtcDateTime.Date > LastDay(deliveredAt, request.Reason))
            yield return "OutsideReturnWindow";
        if (line.NetPrice == 0)
            yield return "NothingPaid";
    }

    private static DateTime LastDay(DateTimeOffset deliveredAt, string reason) =>
        reason is "Defective" or "WarrantyClaim" ? deliveredAt.UtcDateTime.Date.AddMonths(24) : deliveredAt.UtcDateTime.Date.AddDays(30);
}
