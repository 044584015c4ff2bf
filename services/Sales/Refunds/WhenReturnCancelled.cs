using EseErp.Contracts.UserSupport;
using MassTransit;

namespace EseErp.Sales.Refunds;

/// <summary>A refund that is not paid yet is voided; for one that is paid a person decides.</summary>
public sealed class WhenReturnCancelled(RefundDesk desk) : IConsumer<ReturnCancelled>
{
    public Task Consume(ConsumeContext<ReturnCancelled> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
