using EseErp.Contracts.Sales;
using MassTransit;

namespace EseErp.Sales.Valuations;

/// <summary>A valuation is changed, or the change rejected, when the command's turn comes.</summary>
public sealed class WhenValuationChangeRequested(ValuationDesk desk) : IConsumer<ValuationChangeRequested>
{
    public Task Consume(ConsumeContext<ValuationChangeRequested> context) => desk.Change(context.Message, context.CancellationToken);
}
