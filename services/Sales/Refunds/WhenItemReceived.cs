using EseErp.Contracts.Inventory;
using MassTransit;

namespace EseErp.Sales.Refunds;

/// <summary>By default the item's arrival releases the money.</summary>
public sealed class WhenItemReceived(RefundDesk desk) : IConsumer<ItemReceived>
{
    public Task Consume(ConsumeContext<ItemReceived> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
