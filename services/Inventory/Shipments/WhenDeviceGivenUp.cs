using EseErp.Contracts.Sales;
using MassTransit;

namespace EseErp.Inventory.Shipments;

/// <summary>The announced device came back in another return: a replacement that is still here stays until Sales accepts what comes instead.</summary>
public sealed class WhenDeviceGivenUp(ShipmentDesk desk) : IConsumer<DeviceGivenUp>
{
    public Task Consume(ConsumeContext<DeviceGivenUp> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
