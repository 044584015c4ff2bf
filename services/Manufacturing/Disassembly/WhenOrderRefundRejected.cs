using EseErp.Contracts.Sales;
using MassTransit;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>Sales refuses: an order whose item was not inspected yet is cancelled.</summary>
public sealed class WhenOrderRefundRejected(DisassemblyDesk desk) : IConsumer<OrderRefundRejected>
{
    public Task Consume(ConsumeContext<OrderRefundRejected> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
