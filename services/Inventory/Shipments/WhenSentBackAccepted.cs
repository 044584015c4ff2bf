using EseErp.Contracts.Sales;
using MassTransit;

namespace EseErp.Inventory.Shipments;

/// <summary>A person at Sales accepts that the item goes back to the customer: the replacement need not be held any more.</summary>
public sealed class WhenSentBackAccepted(ShipmentDesk desk) : IConsumer<SentBackAccepted>
{
    public Task Consume(ConsumeContext<SentBackAccepted> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
