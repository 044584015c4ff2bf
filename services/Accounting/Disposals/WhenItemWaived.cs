using EseErp.Contracts.Inventory;
using MassTransit;

namespace EseErp.Accounting.Disposals;

/// <summary>The item need not come back: nothing is disposed of.</summary>
public sealed class WhenItemWaived(DisposalDesk desk) : IConsumer<ItemWaived>
{
    public Task Consume(ConsumeContext<ItemWaived> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
