using EseErp.Contracts.UserSupport;
using MassTransit;

namespace EseErp.Tracking.Returns;

/// <summary>User Support: what was asked for, and whether it is called off or stuck.</summary>
public sealed class WhenUserSupportReports(ReturnProjection projection) :
    IConsumer<RefundRequest>,
    IConsumer<ReturnCancelled>,
    IConsumer<ReturnIncomplete>,
    IConsumer<ReturnResumed>
{
    public Task Consume(ConsumeContext<RefundRequest> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ReturnCancelled> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ReturnIncomplete> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ReturnResumed> context) => projection.Apply(context);
}
