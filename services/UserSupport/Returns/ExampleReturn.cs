using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.DemoData;

namespace EseErp.UserSupport.Returns;

/// <summary>
/// The example in the API's documentation: with demo data on, a device that can really be returned, another one each time
/// the page is loaded, so that pressing Execute works more than once.
/// </summary>
internal static class ExampleReturn
{
    private static DemoReturn[]? _returnable;

    public static ReturnAccepted Accepted { get; } = new(
        "RMA-2026-000123", CoordinationMode.Event, ReturnStatus.Requested,
        new ReturnLinks("/returns/RMA-2026-000123", "http://127.0.0.1:5106/returns/RMA-2026-000123", "http://127.0.0.1:5106/returns/RMA-2026-000123/timeline"));

    /// <summary>The first return of all, if any was filed.</summary>
    public static string FirstId(IServiceProvider services) => $"RMA-{services.GetRequiredService<TimeProvider>().GetUtcNow().Year}-000001";

    public static FileReturn Next(IServiceProvider services)
    {
        if (!services.GetRequiredService<IConfiguration>().GetValue<bool>("Ese:DemoData"))
            return new FileReturn("SO-2026-000001", "1", "HP-210-BLK", "HP210-26F9-0435352", ReturnReason.Defective);
        var today = DateOnly.FromDateTime(services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime);
        _returnable ??= DemoCatalogue.Create(today).Returnable().ToArray();
        var device = Random.Shared.GetItems(_returnable, 1)[0];
        return new FileReturn(
            device.OrderId, device.LineId, device.Sku, device.SerialNumber, Enum.Parse<ReturnReason>(device.Reason),
            ShipmentId: device.ShipmentId, Location: device.Location, CostCenter: device.CostCenter);
    }
}
