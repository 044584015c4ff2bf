using EseErp.Contracts.Accounting;
using MassTransit;

namespace EseErp.Tracking.Returns;

/// <summary>Accounting: the disposal.</summary>
public sealed class WhenAccountingReports(ReturnProjection projection) :
    IConsumer<AssetDisposalOpened>,
    IConsumer<AssetDisposalRevalued>,
    IConsumer<AssetDisposalPosted>,
    IConsumer<AssetDisposalReversed>
{
    public Task Consume(ConsumeContext<AssetDisposalOpened> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<AssetDisposalRevalued> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<AssetDisposalPosted> context) => projection.Apply(context);

    public Task Consume(ConsumeContext<AssetDisposalReversed> context) => projection.Apply(context);
}
