using EseErp.Contracts.Sales;
using MassTransit;

namespace EseErp.Accounting.Disposals;

/// <summary>Sales accepts another device than was announced: the unit is valued as what it is.</summary>
public sealed class WhenItemMismatchAccepted(DisposalDesk desk) : IConsumer<ItemMismatchAccepted>
{
    public Task Consume(ConsumeContext<ItemMismatchAccepted> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
