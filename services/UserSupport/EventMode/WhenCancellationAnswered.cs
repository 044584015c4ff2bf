using EseErp.Contracts.UserSupport;
using MassTransit;

namespace EseErp.UserSupport.EventMode;

/// <summary>Whoever has custody of the item has decided whether the return may be called off.</summary>
public sealed class WhenCancellationAnswered(CancellationDesk desk) : IConsumer<CancellationAccepted>, IConsumer<CancellationRefused>
{
    public Task Consume(ConsumeContext<CancellationAccepted> context) => desk.Accept(context.Message, context.CancellationToken);

    public Task Consume(ConsumeContext<CancellationRefused> context) => desk.Refuse(context.Message, context.CancellationToken);
}
