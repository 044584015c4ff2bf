using EseErp.Contracts.Sales;
using MassTransit;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>A person at Sales accepts the other device: it is inspected like the announced one.</summary>
public sealed class WhenItemMismatchAccepted(DisassemblyDesk desk) : IConsumer<ItemMismatchAccepted>
{
    public Task Consume(ConsumeContext<ItemMismatchAccepted> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
