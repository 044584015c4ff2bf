using EseErp.Contracts.Sales;
using EseErp.EventStore;
using EseErp.Messaging;

namespace EseErp.Tracking.Analytics;

/// <summary>Loads the models that a batch of events concerns.</summary>
public sealed class DeliveryBatch(Documents documents) : IBatchLoader
{
    public Task Load(IReadOnlyList<ReceivedEvent> events, CancellationToken cancellationToken) =>
        documents.Load<DeliveredUnits>(events.Select(e => e.Message).OfType<UnitsDelivered>().Select(delivered => delivered.Sku), cancellationToken);
}
