using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.Sales.Orders;

namespace EseErp.Sales.Refunds;

/// <summary>Loads the refunds, remembered facts and orders that a batch of events needs.</summary>
public sealed class RefundBatch(Documents documents, EarlyFacts earlyFacts) : IBatchLoader
{
    public async Task Load(IReadOnlyList<ReceivedEvent> events, CancellationToken cancellationToken)
    {
        await documents.Load<OrderRefundRequest>(events.Select(e => e.Subject), cancellationToken);
        await earlyFacts.Load(events.Select(e => e.Subject), cancellationToken);
        await documents.Load<Order>(events.Select(e => e.Message).OfType<RefundRequest>().Select(asked => asked.Order.OrderId), cancellationToken);
    }
}
