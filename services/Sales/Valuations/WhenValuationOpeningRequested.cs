using EseErp.Contracts.Sales;
using MassTransit;

namespace EseErp.Sales.Valuations;

/// <summary>A valuation is opened when the command's turn comes.</summary>
public sealed class WhenValuationOpeningRequested(ValuationDesk desk) : IConsumer<ValuationOpeningRequested>
{
    public Task Consume(ConsumeContext<ValuationOpeningRequested> context) => desk.Open(context.Message, context.CancellationToken);
}
