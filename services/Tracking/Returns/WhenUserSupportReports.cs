using EseErp.Contracts.UserSupport;
using MassTransit;

namespace EseErp.Tracking.Returns;

/// <summary>User Support: what was asked for, and whether it is called off or stuck, and the calls it made.</summary>
public sealed class WhenUserSupportReports(ReturnProjection projection) :
    IConsumer<RefundRequest>,
    IConsumer<ReturnCancelled>,
    IConsumer<ReturnIncomplete>,
    IConsumer<ReturnResumed>,
    IConsumer<ReturnAcknowledged>,
    IConsumer<ReturnCancellationRequested>,
    IConsumer<TeamsCalled>
{
    public Task Consume(ConsumeContext<RefundRequest> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ReturnCancelled> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ReturnIncomplete> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ReturnResumed> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ReturnAcknowledged> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<ReturnCancellationRequested> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<TeamsCalled> context) => projection.Apply(context);
}
