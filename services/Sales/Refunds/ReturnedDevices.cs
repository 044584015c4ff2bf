using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.EventStore;
using EseErp.Sales.Data;
using EseErp.Sales.Orders;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EseErp.Sales.Refunds;

/// <summary>Which devices have a live or completed return. A batch asks once for all of its devices.</summary>
public sealed class ReturnedDevices(SalesDb db)
{
    private sealed record Earlier(string OrderId, DateTimeOffset FiledAt);

    // By the normal form of the serial number.
    private readonly Dictionary<string, List<Earlier>> _found = [];
    private readonly Dictionary<string, List<OrderRefundRequest>> _added = [];

    /// <summary>Has a batch's first round trip look these devices up. For a scope that has one transaction and one attempt: the answers are kept.</summary>
    public void Want(IEnumerable<string> serialNumbers, BatchReads reads)
    {
        var wanted = serialNumbers.Select(SerialNumbers.Normal).Distinct().ToArray();
        if (wanted.Length == 0) return;
        foreach (var device in wanted) _found[device] = [];
        reads.Add(
            "select device_key, device_order_id, requested_at from order_refund_requests where device_key = any ($1) and state not in ('Rejected', 'Voided')",
            parameters => parameters.Add(new NpgsqlParameter<string[]> { TypedValue = wanted }),
            async (reader, token) =>
            {
                while (await reader.ReadAsync(token)) _found[reader.GetString(0)].Add(new Earlier(reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2)));
            });
    }

    /// <summary>A return decided in this transaction, which the database does not show yet.</summary>
    public void Add(OrderRefundRequest refund)
    {
        if (!_added.TryGetValue(refund.DeviceKey, out var refunds)) refunds = _added[refund.DeviceKey] = [];
        refunds.Add(refund);
    }

    /// <summary>Whether a live or completed return of the device speaks against another one under this order.</summary>
    /// <param name="order">Null when there is none of that number: then any does.</param>
    public async ValueTask<bool> Contain(string serialNumber, Order? order, CancellationToken cancellationToken)
    {
        var device = SerialNumbers.Normal(serialNumber);
        if (!_found.TryGetValue(device, out var earlier)) earlier = await Live(device).ToListAsync(cancellationToken);
        return earlier.Exists(refund => OrderRefundRequest.SpeaksAgainst(refund.OrderId, refund.FiledAt, order))
            // What an earlier attempt added is not tracked any more.
            || (_added.TryGetValue(device, out var refunds) && refunds.Exists(refund =>
                refund.State is not (OrderRefundState.Rejected or OrderRefundState.Voided) && db.Entry(refund).State != EntityState.Detached
                && OrderRefundRequest.SpeaksAgainst(refund.DeviceOrderId, refund.RequestedAt, order)));
    }

    private IQueryable<Earlier> Live(string device) => db.OrderRefundRequests.AsNoTracking()
        .Where(refund => refund.DeviceKey == device && refund.State != OrderRefundState.Rejected && refund.State != OrderRefundState.Voided)
        .Select(refund => new Earlier(refund.DeviceOrderId, refund.RequestedAt));
}
