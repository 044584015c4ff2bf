using EseErp.Contracts.Manufacturing;
using MassTransit;

namespace EseErp.Inventory.Shipments;

/// <summary>An item that is as good as new goes back to the shelf.</summary>
public sealed class WhenItemDiagnosed(ShipmentDesk desk) : IConsumer<ItemDiagnosed>
{
    public Task Consume(ConsumeContext<ItemDiagnosed> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
