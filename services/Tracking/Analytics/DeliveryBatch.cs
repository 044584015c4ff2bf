using EseErp.Contracts.Sales;
using EseErp.EventStore;
using EseErp.Messaging;

namespace EseErp.Tracking.Analytics;

/// <summary>Loads the models that a batch of events concerns.</summary>
public sealed class DeliveryBatch(Documents documents) : IBatchLoader
{
    public void Want(IReadOnlyList<ReceivedEvent> events, BatchReads reads) =>
        documents.Want<DeliveredUnits>(events.Select(e => e.Message).OfType<UnitsDelivered>().Select(delivered => delivered.Sku), reads);
}
