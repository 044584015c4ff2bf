using EseErp.Contracts.Sales;
using MassTransit;

namespace EseErp.Accounting.Disposals;

/// <summary>The customer gave the money back: the refund is taken back.</summary>
public sealed class WhenRefundRecovered(DisposalDesk desk) : IConsumer<RefundRecovered>
{
    public Task Consume(ConsumeContext<RefundRecovered> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
