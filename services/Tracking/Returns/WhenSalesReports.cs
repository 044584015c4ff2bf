using EseErp.Contracts.Sales;
using MassTransit;

namespace EseErp.Tracking.Returns;

/// <summary>Sales: the refund.</summary>
public sealed class WhenSalesReports(ReturnProjection projection) :
    IConsumer<OrderRefundAuthorized>,
    IConsumer<OrderRefundRejected>,
    IConsumer<OrderRefundReferred>,
    IConsumer<RefundIssued>,
    IConsumer<RefundVoided>,
    IConsumer<ItemMismatchAccepted>,
    IConsumer<DeviceGivenUp>,
    IConsumer<SentBackAccepted>,
    IConsumer<RefundUpheld>,
    IConsumer<RefundRecovered>
{
    public Task Consume(ConsumeContext<OrderRefundAuthorized> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<OrderRefundRejected> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<OrderRefundReferred> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<RefundIssued> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<RefundVoided> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ItemMismatchAccepted> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<DeviceGivenUp> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<SentBackAccepted> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<RefundUpheld> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<RefundRecovered> context) => projection.Apply(context);
}
