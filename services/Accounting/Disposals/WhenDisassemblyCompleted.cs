using EseErp.Contracts.Manufacturing;
using MassTransit;

namespace EseErp.Accounting.Disposals;

/// <summary>The unit leaves the books and its parts enter them: the disposal is posted.</summary>
public sealed class WhenDisassemblyCompleted(DisposalDesk desk) : IConsumer<DisassemblyCompleted>
{
    public Task Consume(ConsumeContext<DisassemblyCompleted> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
