using EseErp.Contracts.Sales;
using MassTransit;

namespace EseErp.Inventory.Shipments;

/// <summary>Sales refuses: what is set aside or in line is released; the item is no longer expected.</summary>
public sealed class WhenOrderRefundRejected(ShipmentDesk desk) : IConsumer<OrderRefundRejected>
{
    public Task Consume(ConsumeContext<OrderRefundRejected> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
