using EseErp.Contracts.Sales;
using MassTransit;

namespace EseErp.Inventory.Shipments;

/// <summary>Sales agrees: a replacement may leave, in advance or once the item is in.</summary>
public sealed class WhenOrderRefundAuthorized(ShipmentDesk desk) : IConsumer<OrderRefundAuthorized>
{
    public Task Consume(ConsumeContext<OrderRefundAuthorized> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
