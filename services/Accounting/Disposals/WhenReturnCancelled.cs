using EseErp.Contracts.UserSupport;
using MassTransit;

namespace EseErp.Accounting.Disposals;

/// <summary>A disposal that is not posted yet is reversed.</summary>
public sealed class WhenReturnCancelled(DisposalDesk desk) : IConsumer<ReturnCancelled>
{
    public Task Consume(ConsumeContext<ReturnCancelled> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
