using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.Messaging;
using MassTransit;

namespace EseErp.Sales.Refunds;

/// <summary>Sales answers a refund request: authorized, or rejected with reasons.</summary>
public sealed class WhenRefundRequested(RefundDesk desk) : IConsumer<RefundRequest>
{
    public Task Consume(ConsumeContext<RefundRequest> context)
    {
        var asked = context.Message;
        return desk.Open(
            new OpenOrderRefundRequest(
                asked.ReturnId, asked.Order.OrderId, asked.Order.LineId, asked.Model.Sku, asked.DefectiveItem.SerialNumber, asked.Reason, asked.Resolution,
                // The event happened when the customer filed, however late it gets here.
                FiledAt: context.GetPayload<ReceivedEvent>().Time,
                ShipmentId: asked.Shipment?.ShipmentId),
            CoordinationMode.Event,
            context.CancellationToken);
    }
}
