using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Messaging;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>Loads the orders and remembered facts that a batch of events needs.</summary>
public sealed class DisassemblyBatch(Documents documents, EarlyFacts earlyFacts) : IBatchLoader
{
    public void Want(IReadOnlyList<ReceivedEvent> events, BatchReads reads)
    {
        documents.Want<DisassemblyOrder>(events.Select(e => e.Subject), reads);
        earlyFacts.Want(events.Where(e => e.Message is RefundRequest).Select(e => e.Subject), reads);
    }
}
