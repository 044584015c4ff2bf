using EseErp.Contracts.Inventory;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.Sales.Orders;

namespace EseErp.Sales.Refunds;

/// <summary>Loads the refunds, remembered facts, orders and other returns of the same devices that a batch of events needs.</summary>
public sealed class RefundBatch(Documents documents, EarlyFacts earlyFacts, ReturnedDevices returned, SoldDevices sold) : IBatchLoader
{
    public void Want(IReadOnlyList<ReceivedEvent> events, BatchReads reads)
    {
        var requests = events.Select(e => e.Message).OfType<RefundRequest>().ToList();
        documents.Want<OrderRefundRequest>(Concerned(events), reads);
        earlyFacts.Want(requests.Select(asked => asked.ReturnId), reads);
        documents.Want<Order>(requests.Select(asked => asked.Order.OrderId), reads);
        returned.Want(requests.Select(asked => asked.DefectiveItem.SerialNumber), reads);
        sold.Want(requests.Select(asked => asked.DefectiveItem.SerialNumber), reads);
    }

    public async Task Load(IReadOnlyList<ReceivedEvent> events, CancellationToken cancellationToken)
    {
        // A return that ends gives back the order's money.
        var orders = new List<string>();
        foreach (var ended in events.Where(e => e.Message is ReturnCancelled or ReturnExpired))
            if (await documents.Find<OrderRefundRequest>(ended.Subject, cancellationToken) is { } refund && refund.MoneyOrder.Length > 0) orders.Add(refund.MoneyOrder);
        await documents.Load<Order>(orders, cancellationToken);
    }

    private static IEnumerable<string> Concerned(IEnumerable<ReceivedEvent> events) =>
        events.Where(e => e.Message is not (ValuationOpeningRequested or ValuationChangeRequested)).Select(e => e.Subject);
}
