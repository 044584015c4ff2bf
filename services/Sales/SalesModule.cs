using EseErp.Contracts;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.Sales.Data;
using EseErp.Sales.Refunds;

namespace EseErp.Sales;

/// <summary>What Sales owns and listens to.</summary>
public static class SalesModule
{
    public static void AddSales(this WebApplicationBuilder builder)
    {
        builder.AddEventStore<SalesDb>(EventContracts.All, EventContracts.Upcasters);
        builder.AddMessaging("sales", Topics.Sales, on =>
        {
            on.LoadsFirst<RefundBatch>();
            on.Topic(Topics.UserSupport).Runs<WhenRefundRequested>().Runs<WhenReturnCancelled>();
            on.Topic(Topics.Inventory).Runs<WhenItemReceived>();
            on.Topic(Topics.Manufacturing).Runs<WhenItemDiagnosed>();
        });
        builder.Services.AddOptions<RefundOptions>().BindConfiguration("Sales:Refunds").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddScoped<RefundDesk>();
    }
}
