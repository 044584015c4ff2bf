using EseErp.Contracts.Sales;
using EseErp.EventStore;
using EseErp.Messaging;

namespace EseErp.Sales.Valuations;

/// <summary>Loads the valuations and commands that a batch needs.</summary>
public sealed class ValuationBatch(Documents documents) : IBatchLoader
{
    public void Want(IReadOnlyList<ReceivedEvent> events, BatchReads reads)
    {
        var commands = events.Select(e => e.Message switch
        {
            ValuationOpeningRequested asked => (asked.ValuationId, asked.CommandId),
            ValuationChangeRequested asked => (asked.ValuationId, asked.CommandId),
            _ => default,
        }).Where(command => command.CommandId is not null).ToList();
        documents.Want<Valuation>(commands.Select(command => command.ValuationId), reads);
        documents.Want<ValuationCommand>(commands.Select(command => command.CommandId), reads);
    }
}
