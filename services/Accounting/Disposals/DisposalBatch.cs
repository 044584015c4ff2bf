using EseErp.Accounting.Costs;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Messaging;

namespace EseErp.Accounting.Disposals;

/// <summary>Loads the disposals, remembered facts and costs that a batch of events needs.</summary>
public sealed class DisposalBatch(Documents documents, EarlyFacts earlyFacts, CostBook costBook) : IBatchLoader
{
    public async Task Load(IReadOnlyList<ReceivedEvent> events, CancellationToken cancellationToken)
    {
        await documents.Load<AssetDisposal>(events.Select(e => e.Subject), cancellationToken);
        await earlyFacts.Load(events.Select(e => e.Subject), cancellationToken);
        await costBook.Load(events.Select(e => e.Message).OfType<RefundRequest>().Select(asked => asked.Model.Sku), cancellationToken);
    }
}
