using EseErp.Accounting.Costs;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Messaging;

namespace EseErp.Accounting.Disposals;

/// <summary>Loads the disposals, remembered facts and costs that a batch of events needs.</summary>
public sealed class DisposalBatch(Documents documents, EarlyFacts earlyFacts, CostBook costBook) : IBatchLoader
{
    public void Want(IReadOnlyList<ReceivedEvent> events, BatchReads reads)
    {
        var requests = events.Select(e => e.Message).OfType<RefundRequest>().ToList();
        documents.Want<AssetDisposal>(events.Select(e => e.Subject), reads);
        earlyFacts.Want(requests.Select(asked => asked.ReturnId), reads);
        costBook.Want(
            requests.Select(asked => asked.Model.Sku).Concat(events.Select(e => e.Message).OfType<ItemMismatchAccepted>().Select(accepted => accepted.Sku).OfType<string>()), reads);
    }
}
