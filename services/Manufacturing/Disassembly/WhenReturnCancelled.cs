using EseErp.Contracts.UserSupport;
using MassTransit;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>An order whose item was not inspected yet is cancelled.</summary>
public sealed class WhenReturnCancelled(DisassemblyDesk desk) : IConsumer<ReturnCancelled>
{
    public Task Consume(ConsumeContext<ReturnCancelled> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
