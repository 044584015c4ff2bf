using EseErp.Accounting.Costs;
using EseErp.Accounting.Data;
using EseErp.Accounting.Disposals;
using EseErp.Contracts;
using EseErp.EventStore;
using EseErp.Messaging;

namespace EseErp.Accounting;

/// <summary>What Accounting owns and listens to.</summary>
public static class AccountingModule
{
    public static void AddAccounting(this WebApplicationBuilder builder)
    {
        builder.AddEventStore<AccountingDb>(EventContracts.All, EventContracts.Upcasters);
        builder.AddMessaging("accounting", Topics.Accounting, on =>
        {
            on.LoadsFirst<DisposalBatch>();
            on.Topic(Topics.UserSupport).Runs<WhenRefundRequested>().Runs<WhenReturnCancelled>();
            on.Topic(Topics.Sales).Runs<WhenOrderRefundRejected>().Runs<WhenRefundIssued>().Runs<WhenRefundRecovered>();
            on.Topic(Topics.Inventory).Runs<WhenItemReceived>().Runs<WhenItemWaived>().Runs<WhenReturnExpired>()
                .Runs<WhenReplacementShipped>().Runs<WhenRecalledUnitReturned>();
            on.Topic(Topics.Manufacturing).Runs<WhenItemDiagnosed>().Runs<WhenDisassemblyCompleted>();
        });
        builder.Services.AddScoped<CostBook>();
        builder.Services.AddScoped<DisposalDesk>();
    }
}
