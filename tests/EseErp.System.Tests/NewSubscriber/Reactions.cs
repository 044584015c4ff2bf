using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.Messaging;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace EseErp.SystemTests.NewSubscriber;

/// <summary>Counts a return. That it counts once, however often the request comes, is the inbox's doing.</summary>
public sealed class WhenReturnRequested(StatisticsDb db) : IConsumer<RefundRequest>
{
    // What only adds up is added up in SQL: batches that run side by side share these few rows.
    public Task Consume(ConsumeContext<RefundRequest> context) => db.Database.ExecuteSqlAsync(
        $"""
        insert into reasons as r (reason, returns) values ({context.Message.Reason.ToString()}, 1)
        on conflict (reason) do update set returns = r.returns + 1
        """,
        context.CancellationToken);
}

/// <summary>Adds up what is paid. In no hurry, so it is tried longer than others before it gives up.</summary>
[Retry(10, FirstPauseMilliseconds = 200)]
public sealed class WhenRefundIssued(StatisticsDb db) : IConsumer<RefundIssued>
{
    public Task Consume(ConsumeContext<RefundIssued> context) => db.Database.ExecuteSqlAsync(
        $"""
        insert into refunds as r (currency, amount) values ({context.Message.Currency}, {context.Message.Amount})
        on conflict (currency) do update set amount = r.amount + excluded.amount
        """,
        context.CancellationToken);
}
