using EseErp.Contracts.Inventory;
using MassTransit;

namespace EseErp.Accounting.Disposals;

/// <summary>The item did not come back in time: a disposal that is not posted yet is reversed.</summary>
public sealed class WhenReturnExpired(DisposalDesk desk) : IConsumer<ReturnExpired>
{
    public Task Consume(ConsumeContext<ReturnExpired> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
