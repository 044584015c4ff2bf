using EseErp.Contracts;
using EseErp.EventStore;
using EseErp.Inventory.Data;
using EseErp.Inventory.Receipts;
using EseErp.Inventory.Shipments;
using EseErp.Messaging;

namespace EseErp.Inventory;

/// <summary>What Inventory owns and listens to.</summary>
public static class InventoryModule
{
    public static void AddInventory(this WebApplicationBuilder builder)
    {
        builder.AddEventStore<InventoryDb>(EventContracts.All, EventContracts.Upcasters);
        builder.AddMessaging("inventory", Topics.Inventory, on =>
        {
            on.LoadsFirst<ShipmentBatch>();
            on.Topic(Topics.UserSupport).Runs<WhenRefundRequested>().Runs<WhenReturnCancelled>();
            on.Topic(Topics.Sales).Runs<WhenOrderRefundAuthorized>().Runs<WhenOrderRefundRejected>();
        });
        builder.Services.AddScoped<ShipmentRows>();
        builder.Services.AddScoped<ShipmentDesk>();
        builder.Services.AddOptions<AutoAdvanceOptions>().BindConfiguration("Ese").ValidateDataAnnotations().ValidateOnStart();
        if (builder.Configuration.GetValue<bool>("Ese:AutoAdvance")) builder.Services.AddHostedService<AutoReceipts>();
    }
}
