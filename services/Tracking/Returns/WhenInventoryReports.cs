using EseErp.Contracts.Inventory;
using MassTransit;

namespace EseErp.Tracking.Returns;

/// <summary>Inventory: the item and the replacement.</summary>
public sealed class WhenInventoryReports(ReturnProjection projection) :
    IConsumer<ReturnExpected>,
    IConsumer<ReplacementReserved>,
    IConsumer<ReplacementBackordered>,
    IConsumer<ReplacementShipped>,
    IConsumer<ReplacementDelivered>,
    IConsumer<ReplacementCancelled>,
    IConsumer<ItemReceived>,
    IConsumer<ReturnExpired>,
    IConsumer<ItemWaived>,
    IConsumer<ItemRestocked>,
    IConsumer<ReplacementRecalled>,
    IConsumer<RecalledUnitReturned>
{
    public Task Consume(ConsumeContext<ReturnExpected> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ReplacementReserved> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ReplacementBackordered> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ReplacementShipped> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ReplacementDelivered> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ReplacementCancelled> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ItemReceived> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ReturnExpired> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ItemWaived> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ItemRestocked> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ReplacementRecalled> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<RecalledUnitReturned> context) => projection.Apply(context);
}
