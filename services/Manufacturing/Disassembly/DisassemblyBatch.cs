using EseErp.EventStore;
using EseErp.Messaging;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>Loads the orders and remembered facts that a batch of events needs.</summary>
public sealed class DisassemblyBatch(Documents documents, EarlyFacts earlyFacts) : IBatchLoader
{
    public async Task Load(IReadOnlyList<ReceivedEvent> events, CancellationToken cancellationToken)
    {
        await documents.Load<DisassemblyOrder>(events.Select(e => e.Subject), cancellationToken);
        await earlyFacts.Load(events.Select(e => e.Subject), cancellationToken);
    }
}
