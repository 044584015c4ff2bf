using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Messaging;

namespace EseErp.Inventory.Shipments;

/// <summary>Loads the stock, shipment requests and remembered facts that a batch of events needs.</summary>
public sealed class ShipmentBatch(ShipmentRows rows, EarlyFacts earlyFacts) : IBatchLoader
{
    public async Task Load(IReadOnlyList<ReceivedEvent> events, CancellationToken cancellationToken)
    {
        var opened = events.Select(e => e.Message).OfType<RefundRequest>()
            .Where(asked => ShipmentRequest.WantsReplacementFor(asked.Resolution))
            .Select(asked => asked.Model.Sku);
        await rows.Load(events.Select(e => e.Subject).Distinct().ToList(), opened.Distinct().ToList(), cancellationToken);
        await earlyFacts.Load(events.Select(e => e.Subject), cancellationToken);
    }
}
