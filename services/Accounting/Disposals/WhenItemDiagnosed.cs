using EseErp.Contracts.Manufacturing;
using MassTransit;

namespace EseErp.Accounting.Disposals;

/// <summary>A unit that lives on is not disposed of; one that goes back to stock is a finished good again.</summary>
public sealed class WhenItemDiagnosed(DisposalDesk desk) : IConsumer<ItemDiagnosed>
{
    public Task Consume(ConsumeContext<ItemDiagnosed> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
