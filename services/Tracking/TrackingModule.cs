using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.DeadLetters;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.Tracking.Analytics;
using EseErp.Tracking.Data;
using EseErp.Tracking.Rebuild;
using EseErp.Tracking.Returns;
using EseErp.Tracking.Timeline;

namespace EseErp.Tracking;

/// <summary>What Tracking owns and listens to: every event of every team, in both modes. It publishes only what became of its own dead letters.</summary>
public static class TrackingModule
{
    /// <summary>The topics that the projection is built from.</summary>
    internal static IReadOnlyList<string> Heard { get; } = [.. Topics.All, Topics.CancellationAnswers, Topics.Tracking];

    public static void AddTracking(this WebApplicationBuilder builder)
    {
        builder.AddEventStore<TrackingDb>(EventContracts.All, EventContracts.Upcasters);
        builder.Services.AddSingleton<ProjectionBuild>();
        builder.Services.AddSingleton<WholeProjection>();
        // Before the pump, so that a rebuild that was interrupted goes on before anything is consumed.
        builder.Services.AddHostedService<ProjectionRebuild>();
        builder.AddMessaging("tracking", Topics.Tracking, on =>
        {
            on.IncludeTraditional();
            on.TellsOfDeadLetters<DeadLetterOpened, DeadLetterClosed>();
            on.LoadsFirst<ReturnBatch>().LoadsFirst<DeliveryBatch>();
            on.Topic(Topics.UserSupport).Runs<WhenUserSupportReports>();
            on.Topic(Topics.CancellationAnswers).Runs<WhenACancellationIsAnswered>();
            on.Topic(Topics.Sales).Runs<WhenSalesReports>().Runs<WhenUnitsAreDelivered>();
            on.Topic(Topics.Inventory).Runs<WhenInventoryReports>();
            on.Topic(Topics.Manufacturing).Runs<WhenManufacturingReports>();
            on.Topic(Topics.Accounting).Runs<WhenAccountingReports>();
            foreach (var topic in Topics.All.Append(Topics.Tracking)) on.Topic(topic).Runs<WhenARecordIsSetAside>();
            const string rehearsed = ReturnIds.Rehearsed;
            on.Rehearses(Topics.UserSupport, rehearsed, RehearsedReturn.Request)
                .Rehearses(Topics.Sales, rehearsed, new OrderRefundAuthorized(rehearsed, "", 1, "EUR"))
                .Rehearses(Topics.Inventory, rehearsed, new ReplacementReserved(rehearsed, RehearsedReturn.Sku))
                .Rehearses(Topics.Manufacturing, rehearsed, new DisassemblyOrderOpened(rehearsed, RehearsedReturn.Sku))
                .Rehearses(Topics.Accounting, rehearsed, new AssetDisposalOpened(rehearsed, 1, "EUR"));
        });
        builder.Services.AddScoped<TimelineRows>();
        builder.Services.AddScoped<ReturnProjection>();
        builder.Services.AddScoped<DeliveryProjection>();
        builder.Services.AddScoped<ReturnFeed>();
        builder.Services.AddSingleton<TeamAddresses>();
        builder.Services.AddSingleton<TimelineLog>();
        builder.Services.AddSingleton<ReturnChanges>();
    }
}
