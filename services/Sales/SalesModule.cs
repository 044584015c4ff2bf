using EseErp.Contracts;
using EseErp.Contracts.DeadLetters;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.DemoData;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.Registry;
using EseErp.Sales.Data;
using EseErp.Sales.Orders;
using EseErp.Sales.Refunds;
using EseErp.Sales.Valuations;

namespace EseErp.Sales;

/// <summary>What Sales owns and listens to.</summary>
public static class SalesModule
{
    public static void AddSales(this WebApplicationBuilder builder)
    {
        builder.AddEventStore<SalesDb>(EventContracts.All, EventContracts.Upcasters);
        builder.AddMessaging("sales", Topics.Sales, on =>
        {
            on.TellsOfDeadLetters<DeadLetterOpened, DeadLetterClosed>();
            on.Sends<ValuationOpeningRequested>(Topics.ValuationCommands).Sends<ValuationChangeRequested>(Topics.ValuationCommands);
            on.LoadsFirst<RefundBatch>().LoadsFirst<ValuationBatch>();
            on.Topic(Topics.UserSupport).Runs<WhenRefundRequested>().Runs<WhenReturnCancelled>();
            on.Topic(Topics.Inventory).Runs<WhenItemReceived>().Runs<WhenItemWaived>().Runs<WhenReturnExpired>().Runs<WhenReplacementShipped>();
            on.Topic(Topics.Manufacturing).Runs<WhenItemMismatch>().Runs<WhenItemDiagnosed>();
            on.Topic(Topics.ValuationCommands).Runs<WhenValuationOpeningRequested>().Runs<WhenValuationChangeRequested>();
            on.Rehearses(Topics.UserSupport, ReturnIds.Rehearsed, RehearsedReturn.Request);
        });
        builder.AddRegistry(on => on.Type<Customer>("customers", customer => customer.CustomerId)
            .Updates<CustomerRows>()
            .Requires((customer, faults) =>
            {
                if (!MinorUnits.IsCurrency(customer.Currency)) faults.Add("currency", CurrencyCodeAttribute.Requirement);
            })
            .Shows(
                new Customer { CustomerId = "C-EXAMPLE", Name = "Erika Mustermann", Country = "DE", Currency = "EUR" },
                new { name = "Erika Musterfrau", creditLimit = 500 },
                () => DocumentedReturn.Device.CustomerId));
        builder.Services.AddOptions<RefundOptions>().BindConfiguration("Sales:Refunds").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddScoped<RefundDesk>();
        builder.Services.AddScoped<ReturnedDevices>();
        builder.Services.AddScoped<SoldDevices>();
        builder.Services.AddScoped<ValuationDesk>();
        builder.Services.AddScoped<ValuationFeed>();
    }
}
