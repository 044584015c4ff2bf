using EseErp.Contracts.Sales;
using MassTransit;

namespace EseErp.Inventory.Shipments;

/// <summary>A person at Sales accepts the other device: the replacement need not be held any more.</summary>
public sealed class WhenItemMismatchAccepted(ShipmentDesk desk) : IConsumer<ItemMismatchAccepted>
{
    public Task Consume(ConsumeContext<ItemMismatchAccepted> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
