using EseErp.Contracts.Sales;
using EseErp.EventStore;
using EseErp.Messaging;

namespace EseErp.Sales.Valuations;

/// <summary>Loads the valuations and commands that a batch needs.</summary>
public sealed class ValuationBatch(Documents documents) : IBatchLoader
{
    public async Task Load(IReadOnlyList<ReceivedEvent> events, CancellationToken cancellationToken)
    {
        var commands = events.Select(e => e.Message switch
        {
            ValuationOpeningRequested asked => (asked.ValuationId, asked.CommandId),
            ValuationChangeRequested asked => (asked.ValuationId, asked.CommandId),
            _ => default,
        }).Where(command => command.CommandId is not null).ToList();
        await documents.Load<Valuation>(commands.Select(command => command.ValuationId), cancellationToken);
        await documents.Load<ValuationCommand>(commands.Select(command => command.CommandId), cancellationToken);
    }
}
