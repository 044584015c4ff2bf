using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.UserSupport;
using MassTransit;

namespace EseErp.Inventory.Shipments;

/// <summary>Inventory answers a refund request: the item is expected, a replacement set aside or backordered.</summary>
public sealed class WhenRefundRequested(ShipmentDesk desk) : IConsumer<RefundRequest>
{
    public Task Consume(ConsumeContext<RefundRequest> context)
    {
        var asked = context.Message;
        return desk.Open(
            new OpenShipmentRequest(asked.ReturnId, asked.Model.Sku, asked.DefectiveItem.SerialNumber, asked.Resolution, asked.ReplacementTiming,
                Location: asked.Location.Code),
            CoordinationMode.Event,
            context.CancellationToken);
    }
}
