using EseErp.Contracts;
using EseErp.Contracts.DeadLetters;
using EseErp.Contracts.UserSupport;
using EseErp.DemoData;
using EseErp.EventStore;
using EseErp.Manufacturing.BillsOfMaterials;
using EseErp.Manufacturing.Data;
using EseErp.Manufacturing.Disassembly;
using EseErp.Messaging;
using EseErp.Registry;

namespace EseErp.Manufacturing;

/// <summary>What Manufacturing owns and listens to.</summary>
public static class ManufacturingModule
{
    public static void AddManufacturing(this WebApplicationBuilder builder)
    {
        builder.AddEventStore<ManufacturingDb>(EventContracts.All, EventContracts.Upcasters);
        builder.AddMessaging("manufacturing", Topics.Manufacturing, on =>
        {
            on.TellsOfDeadLetters<DeadLetterOpened, DeadLetterClosed>();
            on.LoadsFirst<DisassemblyBatch>();
            on.Topic(Topics.UserSupport).Runs<WhenRefundRequested>().Runs<WhenReturnCancelled>();
            on.Topic(Topics.Sales).Runs<WhenOrderRefundRejected>().Runs<WhenItemMismatchAccepted>();
            on.Topic(Topics.Inventory).Runs<WhenItemReceived>().Runs<WhenItemWaived>().Runs<WhenReturnExpired>();
            on.Rehearses(Topics.UserSupport, ReturnIds.Rehearsed, RehearsedReturn.Request);
        });
        builder.AddRegistry(on => on.Type<BillOfMaterials>("products", bill => bill.Sku)
            .Updates<ProductRows>()
            .Requires(ProductRows.RequireEachPartOnce)
            .Shows(
                new BillOfMaterials
                {
                    Sku = "ESE-100-BLK",
                    Name = "Travel radio, black",
                    Parts = [new Part { PartSku = "SPK-40MM", Name = "Speaker 40 mm", Quantity = 2, UnitCost = 1.9m }],
                    FaultCodes = ["NO_SOUND", "NO_FAULT_FOUND"],
                },
                new { name = "Travel radio, second edition, black" },
                () => DocumentedReturn.Device.Sku));
        builder.Services.AddOptions<DisassemblyOptions>().BindConfiguration("Manufacturing:Disassembly").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddScoped<DisassemblyDesk>();
        builder.Services.AddOptions<AutoAdvanceOptions>().BindConfiguration("Ese").ValidateDataAnnotations().ValidateOnStart();
        if (builder.Configuration.GetValue<bool>("Ese:AutoAdvance")) builder.Services.AddHostedService<AutoWorkbench>();
    }
}
