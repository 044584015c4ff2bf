using EseErp.Contracts.UserSupport;
using MassTransit;

namespace EseErp.Inventory.Shipments;

/// <summary>Whoever has custody of the item decides whether the return may still be called off, and answers.</summary>
public sealed class WhenReturnCancellationRequested(ShipmentDesk desk) : IConsumer<ReturnCancellationRequested>
{
    public Task Consume(ConsumeContext<ReturnCancellationRequested> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
