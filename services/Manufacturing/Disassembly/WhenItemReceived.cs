using EseErp.Contracts.Inventory;
using MassTransit;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>The item is in; another device than the announced one is a mismatch.</summary>
public sealed class WhenItemReceived(DisassemblyDesk desk) : IConsumer<ItemReceived>
{
    public Task Consume(ConsumeContext<ItemReceived> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
