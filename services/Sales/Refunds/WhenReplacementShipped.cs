using EseErp.Contracts.Inventory;
using MassTransit;

namespace EseErp.Sales.Refunds;

/// <summary>The replacement has left: by its serial number it can be returned, like the device it replaces.</summary>
public sealed class WhenReplacementShipped(RefundDesk desk) : IConsumer<ReplacementShipped>
{
    public Task Consume(ConsumeContext<ReplacementShipped> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
