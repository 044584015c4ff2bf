using EseErp.Contracts;
using EseErp.Contracts.DeadLetters;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.DemoData;
using EseErp.EventStore;
using EseErp.Inventory.Data;
using EseErp.Inventory.Locations;
using EseErp.Inventory.Receipts;
using EseErp.Inventory.Shipments;
using EseErp.Messaging;
using EseErp.Registry;

namespace EseErp.Inventory;

/// <summary>What Inventory owns and listens to.</summary>
public static class InventoryModule
{
    public static void AddInventory(this WebApplicationBuilder builder)
    {
        builder.AddEventStore<InventoryDb>(EventContracts.All, EventContracts.Upcasters);
        builder.AddMessaging("inventory", Topics.Inventory, on =>
        {
            on.TellsOfDeadLetters<DeadLetterOpened, DeadLetterClosed>();
            on.LoadsFirst<ShipmentBatch>();
            // Inventory has the item or not, so it decides whether a return may be called off. What came of it, ReturnCancelled,
            // is news to the others only.
            on.Sends<CancellationAccepted>(Topics.CancellationAnswers).Sends<CancellationRefused>(Topics.CancellationAnswers);
            on.Topic(Topics.UserSupport).Runs<WhenRefundRequested>().Runs<WhenReturnCancellationRequested>();
            on.Topic(Topics.Sales).Runs<WhenOrderRefundAuthorized>().Runs<WhenOrderRefundRejected>().Runs<WhenItemMismatchAccepted>()
                .Runs<WhenDeviceGivenUp>().Runs<WhenSentBackAccepted>();
            on.Topic(Topics.Manufacturing).Runs<WhenItemDiagnosed>();
            on.Rehearses(Topics.UserSupport, ReturnIds.Rehearsed, RehearsedReturn.Request)
                .Rehearses(Topics.Sales, ReturnIds.Rehearsed, new OrderRefundAuthorized(ReturnIds.Rehearsed, "", 1, "EUR"));
        });
        builder.Services.AddOptions<ShipmentOptions>().BindConfiguration("Inventory:Shipments").ValidateDataAnnotations().ValidateOnStart();
        builder.AddRegistry(on => on.Type<Location>("locations", location => location.Code)
            .Shows(new Location("WH-EXAMPLE", "Example warehouse", "DE"), new { capacity = 1200 }, () => DocumentedReturn.Device.Location));
        builder.Services.AddScoped<KnownLocations>();
        builder.Services.AddScoped<ShipmentRows>();
        builder.Services.AddScoped<ArrivedDevices>();
        builder.Services.AddScoped<ShipmentDesk>();
        builder.Services.AddHostedService<OverdueItems>();
        builder.Services.AddOptions<AutoAdvanceOptions>().BindConfiguration("Ese").ValidateDataAnnotations().ValidateOnStart();
        if (builder.Configuration.GetValue<bool>("Ese:AutoAdvance")) builder.Services.AddHostedService<AutoReceipts>();
    }
}
