using EseErp.Contracts.Inventory;
using MassTransit;

namespace EseErp.Accounting.Disposals;

/// <summary>The replacement is an expense of the warranty, at its landed cost.</summary>
public sealed class WhenReplacementShipped(DisposalDesk desk) : IConsumer<ReplacementShipped>
{
    public Task Consume(ConsumeContext<ReplacementShipped> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
