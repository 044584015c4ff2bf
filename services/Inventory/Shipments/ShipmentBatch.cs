using EseErp.Contracts;
using EseErp.Contracts.Manufacturing;
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
        var restocked = events.Where(e => e.Message is ItemDiagnosed { Disposition: Disposition.ReturnToStock }).Select(e => e.Subject);
        await rows.Load(events.Select(e => e.Subject).Distinct().ToList(), opened.Distinct().ToList(), cancellationToken, restocked.Distinct().ToList());
        await earlyFacts.Load(events.Select(e => e.Subject), cancellationToken);
    }
}
