using EseErp.Contracts;
using EseErp.EventStore;
using EseErp.Manufacturing.Data;
using EseErp.Manufacturing.Disassembly;
using EseErp.Messaging;

namespace EseErp.Manufacturing;

/// <summary>What Manufacturing owns and listens to.</summary>
public static class ManufacturingModule
{
    public static void AddManufacturing(this WebApplicationBuilder builder)
    {
        builder.AddEventStore<ManufacturingDb>(EventContracts.All, EventContracts.Upcasters);
        builder.AddMessaging("manufacturing", Topics.Manufacturing, on =>
        {
            on.LoadsFirst<DisassemblyBatch>();
            on.Topic(Topics.UserSupport).Runs<WhenRefundRequested>().Runs<WhenReturnCancelled>();
            on.Topic(Topics.Sales).Runs<WhenOrderRefundRejected>().Runs<WhenItemMismatchAccepted>();
            on.Topic(Topics.Inventory).Runs<WhenItemReceived>().Runs<WhenItemWaived>().Runs<WhenReturnExpired>();
        });
        builder.Services.AddOptions<DisassemblyOptions>().BindConfiguration("Manufacturing:Disassembly").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddScoped<DisassemblyDesk>();
        builder.Services.AddOptions<AutoAdvanceOptions>().BindConfiguration("Ese").ValidateDataAnnotations().ValidateOnStart();
        if (builder.Configuration.GetValue<bool>("Ese:AutoAdvance")) builder.Services.AddHostedService<AutoWorkbench>();
    }
}
