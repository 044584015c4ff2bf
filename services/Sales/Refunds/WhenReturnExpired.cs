using EseErp.Contracts.Inventory;
using MassTransit;

namespace EseErp.Sales.Refunds;

/// <summary>The item did not come back in time: what is not paid yet will not be.</summary>
public sealed class WhenReturnExpired(RefundDesk desk) : IConsumer<ReturnExpired>
{
    public Task Consume(ConsumeContext<ReturnExpired> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
