using EseErp.Contracts.Sales;
using EseErp.EventStore;
using EseErp.Sales.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EseErp.Sales.Refunds;

/// <summary>Which devices have a live or completed return. A batch asks once for all of its devices.</summary>
public sealed class ReturnedDevices(SalesDb db)
{
    private readonly Dictionary<string, bool> _found = [];
    private readonly Dictionary<string, List<OrderRefundRequest>> _added = [];

    /// <summary>Has a batch's first round trip look these devices up. For a scope that has one transaction and one attempt: the answers are kept.</summary>
    public void Want(IEnumerable<string> serialNumbers, BatchReads reads)
    {
        var wanted = serialNumbers.Distinct().ToArray();
        if (wanted.Length == 0) return;
        foreach (var serialNumber in wanted) _found[serialNumber] = false;
        reads.Add(
            "select serial_number from order_refund_requests where serial_number = any ($1) and state not in ('Rejected', 'Voided')",
            parameters => parameters.Add(new NpgsqlParameter<string[]> { TypedValue = wanted }),
            async (reader, token) =>
            {
                while (await reader.ReadAsync(token)) _found[reader.GetString(0)] = true;
            });
    }

    /// <summary>A return decided in this transaction, which the database does not show yet.</summary>
    public void Add(OrderRefundRequest refund)
    {
        if (!_added.TryGetValue(refund.SerialNumber, out var refunds)) refunds = _added[refund.SerialNumber] = [];
        refunds.Add(refund);
    }

    public async ValueTask<bool> Contain(string serialNumber, CancellationToken cancellationToken) =>
        (_found.TryGetValue(serialNumber, out var found) ? found : await Live([serialNumber]).AnyAsync(cancellationToken))
        // What an earlier attempt added is not tracked any more.
        || (_added.TryGetValue(serialNumber, out var refunds) && refunds.Exists(refund =>
            refund.State is not (OrderRefundState.Rejected or OrderRefundState.Voided) && db.Entry(refund).State != EntityState.Detached));

    private IQueryable<string> Live(string[] serialNumbers) => db.OrderRefundRequests.AsNoTracking()
        .Where(refund => serialNumbers.Contains(refund.SerialNumber) && refund.State != OrderRefundState.Rejected && refund.State != OrderRefundState.Voided)
        .Select(refund => refund.SerialNumber);
}
