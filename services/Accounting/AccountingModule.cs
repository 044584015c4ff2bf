using EseErp.Accounting.Costs;
using EseErp.Accounting.Data;
using EseErp.Accounting.Disposals;
using EseErp.Contracts;
using EseErp.Contracts.DeadLetters;
using EseErp.Contracts.UserSupport;
using EseErp.DemoData;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.Registry;

namespace EseErp.Accounting;

/// <summary>What Accounting owns and listens to.</summary>
public static class AccountingModule
{
    public static void AddAccounting(this WebApplicationBuilder builder)
    {
        builder.AddEventStore<AccountingDb>(EventContracts.All, EventContracts.Upcasters);
        builder.AddMessaging("accounting", Topics.Accounting, on =>
        {
            on.TellsOfDeadLetters<DeadLetterOpened, DeadLetterClosed>();
            on.LoadsFirst<DisposalBatch>();
            on.Topic(Topics.UserSupport).Runs<WhenRefundRequested>().Runs<WhenReturnCancelled>();
            on.Topic(Topics.Sales).Runs<WhenOrderRefundRejected>().Runs<WhenItemMismatchAccepted>().Runs<WhenRefundIssued>().Runs<WhenRefundRecovered>();
            on.Topic(Topics.Inventory).Runs<WhenItemReceived>().Runs<WhenItemWaived>().Runs<WhenReturnExpired>()
                .Runs<WhenReplacementShipped>().Runs<WhenRecalledUnitReturned>();
            on.Topic(Topics.Manufacturing).Runs<WhenItemDiagnosed>().Runs<WhenDisassemblyCompleted>();
            on.Rehearses(Topics.UserSupport, ReturnIds.Rehearsed, RehearsedReturn.Request);
        });
        builder.AddRegistry(on => on.Type<UnitCost>("landed-costs", cost => cost.Sku)
            .Updates<CostBookRows>()
            .Requires((cost, faults) =>
            {
                if (!MinorUnits.IsCurrency(cost.Currency)) faults.Add("currency", CurrencyCodeAttribute.Requirement);
            })
            .Shows(new UnitCost { Sku = "ESE-100-BLK", LandedCost = 41.5m, Currency = "EUR" }, new { landedCost = 43.2m }, () => DocumentedReturn.Device.Sku));
        builder.Services.AddScoped<CostBook>();
        builder.Services.AddScoped<Contradictions>();
        builder.Services.AddScoped<DisposalDesk>();
    }
}
