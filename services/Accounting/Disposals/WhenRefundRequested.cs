using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.UserSupport;
using MassTransit;

namespace EseErp.Accounting.Disposals;

/// <summary>Accounting provides for the disposal of the unit at its landed cost.</summary>
public sealed class WhenRefundRequested(DisposalDesk desk) : IConsumer<RefundRequest>
{
    public Task Consume(ConsumeContext<RefundRequest> context)
    {
        var asked = context.Message;
        return desk.Open(
            new OpenAssetDisposal(asked.ReturnId, asked.Model.Sku, asked.DefectiveItem.SerialNumber, asked.Cost.CostCenter),
            CoordinationMode.Event,
            context.CancellationToken);
    }
}
