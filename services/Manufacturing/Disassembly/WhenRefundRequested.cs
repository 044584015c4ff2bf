using EseErp.Contracts;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.UserSupport;
using MassTransit;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>Manufacturing answers a refund request: the workbench will take the item apart once it is in.</summary>
public sealed class WhenRefundRequested(DisassemblyDesk desk) : IConsumer<RefundRequest>
{
    public Task Consume(ConsumeContext<RefundRequest> context)
    {
        var asked = context.Message;
        return desk.Open(
            new OpenDisassemblyOrder(asked.ReturnId, asked.Model.Sku, asked.DefectiveItem.SerialNumber),
            CoordinationMode.Event,
            context.CancellationToken);
    }
}
