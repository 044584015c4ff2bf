using EseErp.Contracts.Sales;
using MassTransit;

namespace EseErp.Tracking.Analytics;

/// <summary>Sales: how many units of a model customers have.</summary>
public sealed class WhenUnitsAreDelivered(DeliveryProjection projection) : IConsumer<UnitsDelivered>
{
    public Task Consume(ConsumeContext<UnitsDelivered> context) => projection.Apply(context.Message, context.CancellationToken);
}
