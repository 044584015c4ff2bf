using EseErp.Contracts.Inventory;
using MassTransit;

namespace EseErp.Sales.Refunds;

/// <summary>The item need not come back: the money is released as if it had.</summary>
public sealed class WhenItemWaived(RefundDesk desk) : IConsumer<ItemWaived>
{
    public Task Consume(ConsumeContext<ItemWaived> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
