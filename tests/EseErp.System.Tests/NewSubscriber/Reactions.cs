using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.Messaging;
using MassTransit;

namespace EseErp.SystemTests.NewSubscriber;

/// <summary>Notes a return. That it counts once, however often the request comes, is the inbox's doing.</summary>
public sealed class WhenReturnRequested(StatisticsDb db) : IConsumer<RefundRequest>
{
    public Task Consume(ConsumeContext<RefundRequest> context)
    {
        db.Returns.Add(new RequestedReturn(context.Message.Reason.ToString()));
        return Task.CompletedTask;
    }
}

/// <summary>Notes what is paid. In no hurry, so it is tried longer than others before it gives up.</summary>
[Retry(10, FirstPauseMilliseconds = 200)]
public sealed class WhenRefundIssued(StatisticsDb db) : IConsumer<RefundIssued>
{
    public Task Consume(ConsumeContext<RefundIssued> context)
    {
        db.Refunds.Add(new PaidRefund(context.Message.Currency, context.Message.Amount));
        return Task.CompletedTask;
    }
}
