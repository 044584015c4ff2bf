using EseErp.Contracts.Manufacturing;
using MassTransit;

namespace EseErp.Sales.Refunds;

/// <summary>Another device came than was announced: nothing is paid until a person has decided.</summary>
public sealed class WhenItemMismatch(RefundDesk desk) : IConsumer<ItemMismatch>
{
    public Task Consume(ConsumeContext<ItemMismatch> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
