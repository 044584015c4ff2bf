using EseErp.Contracts.UserSupport;
using MassTransit;

namespace EseErp.Inventory.Shipments;

/// <summary>What is set aside or in line is released; the item is no longer expected.</summary>
public sealed class WhenReturnCancelled(ShipmentDesk desk) : IConsumer<ReturnCancelled>
{
    public Task Consume(ConsumeContext<ReturnCancelled> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
