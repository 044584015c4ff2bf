using EseErp.Contracts.Manufacturing;
using MassTransit;

namespace EseErp.Tracking.Returns;

/// <summary>Manufacturing: inspection and disassembly.</summary>
public sealed class WhenManufacturingReports(ReturnProjection projection) :
    IConsumer<DisassemblyOrderOpened>,
    IConsumer<ItemDiagnosed>,
    IConsumer<ItemMismatch>,
    IConsumer<DisassemblyCompleted>,
    IConsumer<DisassemblyOrderCancelled>
{
    public Task Consume(ConsumeContext<DisassemblyOrderOpened> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ItemDiagnosed> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ItemMismatch> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<DisassemblyCompleted> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<DisassemblyOrderCancelled> context) => projection.Apply(context);
}
