using EseErp.Contracts.Sales;
using MassTransit;

namespace EseErp.Accounting.Disposals;

/// <summary>The refund is booked against what was sold.</summary>
public sealed class WhenRefundIssued(DisposalDesk desk) : IConsumer<RefundIssued>
{
    public Task Consume(ConsumeContext<RefundIssued> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
