using EseErp.Contracts.Inventory;
using MassTransit;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>The item did not come back in time: there is nothing to take apart.</summary>
public sealed class WhenReturnExpired(DisassemblyDesk desk) : IConsumer<ReturnExpired>
{
    public Task Consume(ConsumeContext<ReturnExpired> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
