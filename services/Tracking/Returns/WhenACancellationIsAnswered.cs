using EseErp.Contracts.UserSupport;
using MassTransit;

namespace EseErp.Tracking.Returns;

/// <summary>Whoever has custody of the item: whether the return may be called off.</summary>
public sealed class WhenACancellationIsAnswered(ReturnProjection projection) : IConsumer<CancellationAccepted>, IConsumer<CancellationRefused>
{
    public Task Consume(ConsumeContext<CancellationAccepted> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<CancellationRefused> context) => projection.Apply(context);
}
