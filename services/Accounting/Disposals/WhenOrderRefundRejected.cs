using EseErp.Contracts.Sales;
using MassTransit;

namespace EseErp.Accounting.Disposals;

/// <summary>No return, no disposal: it is reversed, and an item that is in goes back to the customer.</summary>
public sealed class WhenOrderRefundRejected(DisposalDesk desk) : IConsumer<OrderRefundRejected>
{
    public Task Consume(ConsumeContext<OrderRefundRejected> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
