using EseErp.Contracts;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Inventory.Locations;
using EseErp.Messaging;

namespace EseErp.Inventory.Shipments;

/// <summary>Loads the stock, shipment requests and remembered facts that a batch of events needs.</summary>
public sealed class ShipmentBatch(ShipmentRows rows, KnownLocations locations, EarlyFacts earlyFacts) : IBatchLoader
{
    public void Want(IReadOnlyList<ReceivedEvent> events, BatchReads reads)
    {
        rows.Want(events.Select(e => e.Subject).Distinct().ToArray(), Opened(events), Restocked(events), reads);
        locations.Want(events.Select(e => e.Message).OfType<RefundRequest>().Select(asked => asked.Location.Code), reads);
        earlyFacts.Want(events.Where(e => e.Message is RefundRequest).Select(e => e.Subject), reads);
    }

    public Task Load(IReadOnlyList<ReceivedEvent> events, CancellationToken cancellationToken) =>
        rows.LoadMissingStock(events.Select(e => e.Subject).Distinct(), Opened(events), cancellationToken);

    private static string[] Opened(IEnumerable<ReceivedEvent> events) => events.Select(e => e.Message switch
    {
        RefundRequest asked when ShipmentRequest.WantsReplacementFor(asked.Resolution) => asked.Model.Sku,
        // Another device came, which may go to its shelf.
        ItemMismatchAccepted accepted => accepted.Sku,
        _ => null,
    }).OfType<string>().Distinct().ToArray();

    private static string[] Restocked(IEnumerable<ReceivedEvent> events) =>
        events.Where(e => e.Message is ItemDiagnosed { Disposition: Disposition.ReturnToStock } or ItemMismatchAccepted).Select(e => e.Subject).Distinct().ToArray();
}
