using EseErp.Contracts.Inventory;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.Sales.Orders;

namespace EseErp.Sales.Refunds;

/// <summary>Loads the refunds, remembered facts, orders and other returns of the same devices that a batch of events needs.</summary>
public sealed class RefundBatch(Documents documents, EarlyFacts earlyFacts, ReturnedDevices returned) : IBatchLoader
{
    public async Task Load(IReadOnlyList<ReceivedEvent> events, CancellationToken cancellationToken)
    {
        await documents.Load<OrderRefundRequest>(events.Select(e => e.Subject), cancellationToken);
        await earlyFacts.Load(events.Select(e => e.Subject), cancellationToken);
        var requests = events.Select(e => e.Message).OfType<RefundRequest>().ToList();
        var orders = requests.ConvertAll(asked => asked.Order.OrderId);
        // A return that ends gives back the order's money.
        foreach (var ended in events.Where(e => e.Message is ReturnCancelled or ReturnExpired))
            if (await documents.Find<OrderRefundRequest>(ended.Subject, cancellationToken) is { } refund) orders.Add(refund.OrderId);
        await documents.Load<Order>(orders, cancellationToken);
        await returned.Load(requests.Select(asked => asked.DefectiveItem.SerialNumber), cancellationToken);
    }
}
