using EseErp.Contracts.Inventory;
using MassTransit;

namespace EseErp.Accounting.Disposals;

/// <summary>The item is in the books again, at its landed cost.</summary>
public sealed class WhenItemReceived(DisposalDesk desk) : IConsumer<ItemReceived>
{
    public Task Consume(ConsumeContext<ItemReceived> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
