using EseErp.Contracts.Inventory;
using MassTransit;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>The item need not come back: there is nothing to take apart.</summary>
public sealed class WhenItemWaived(DisassemblyDesk desk) : IConsumer<ItemWaived>
{
    public Task Consume(ConsumeContext<ItemWaived> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
