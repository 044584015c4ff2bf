using System.Text.Json;
using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.EventStore;
using EseErp.Sales.Data;
using EseErp.Sales.Orders;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EseErp.Sales.Refunds;

/// <summary>What Sales knows of devices: on which line they were sold, for which they were shipped as a replacement, and what was given back for it.</summary>
public sealed class SoldDevices(SalesDb db)
{
    /// <summary>Where a device was sold.</summary>
    public sealed record Place(string OrderId, string LineId, string Sku);

    // By the normal form of the serial number.
    private readonly Dictionary<string, List<Place>> _replacements = [];

    // Decided or changed in this unit of work, which the database need not show yet.
    private readonly List<OrderRefundRequest> _touched = [];

    /// <summary>Has a batch's first round trip look up whether these devices are replacements. For a scope that has one transaction and one attempt.</summary>
    public void Want(IEnumerable<string> serialNumbers, BatchReads reads)
    {
        var wanted = serialNumbers.Select(SerialNumbers.Normal).Distinct().ToArray();
        if (wanted.Length == 0) return;
        foreach (var device in wanted) _replacements[device] = [];
        reads.Add(
            """
            select replacement_key, device_order_id, coalesce(device_line_id, line_id), replacement_sku from order_refund_requests
            where replacement_key = any ($1) and state not in ('Rejected', 'Voided') and ended_because is null
            """,
            parameters => parameters.Add(new NpgsqlParameter<string[]> { TypedValue = wanted }),
            async (reader, token) =>
            {
                while (await reader.ReadAsync(token)) _replacements[reader.GetString(0)].Add(new Place(reader.GetString(1), reader.GetString(2), reader.GetString(3)));
            });
    }

    /// <summary>A refund that this unit of work has decided, or of which it heard that its replacement has left.</summary>
    public void Add(OrderRefundRequest refund) => _touched.Add(refund);

    /// <summary>What happened to the line that a device is announced on.</summary>
    /// <param name="order">Locked; null when there is none.</param>
    public async Task<LineHistory> HistoryOf(Order? order, string lineId, string serialNumber, string sku, CancellationToken cancellationToken)
    {
        if (order is null) return LineHistory.None;
        // Most devices are the ones that were sold; whether another is a replacement is looked up then only.
        var isSold = order.Lines.Exists(line => line.LineId == lineId && SerialNumbers.Same(line.SerialNumber, serialNumber));
        var isReplacement = !isSold && (await ReplacementsOf(serialNumber, cancellationToken)).Contains(new Place(order.OrderId, lineId, sku));
        return new LineHistory(await IsRefunded(order, lineId, [], cancellationToken), isReplacement);
    }

    /// <summary>Where the device of this number was sold, the last time; one of the announced model goes before others. Null when Sales has never sold it.</summary>
    public async Task<Place?> Find(string serialNumber, string? announcedSku, CancellationToken cancellationToken)
    {
        // Sales writes the numbers of what it sells in their normal form. The index devices_sold is on this very expression.
        var sold = JsonSerializer.Serialize(SerialNumbers.Normal(serialNumber));
        var orders = await db.Orders.FromSql($"select * from orders where jsonb_path_query_array(lines, '$[*].SerialNumber') @> {sold}::jsonb")
            .AsNoTracking().ToListAsync(cancellationToken);
        var places =
            from order in orders
            from line in order.Lines
            where SerialNumbers.Same(line.SerialNumber, serialNumber)
            orderby line.Sku == announcedSku descending, order.OrderedAt descending
            select new Place(order.OrderId, line.LineId, line.Sku);
        return places.FirstOrDefault() ?? (await ReplacementsOf(serialNumber, cancellationToken)).FirstOrDefault();
    }

    /// <summary>Ids of live or completed returns of the device, other than this one.</summary>
    public Task<List<string>> ReturnsOf(string serialNumber, string exceptReturnId, CancellationToken cancellationToken)
    {
        var device = SerialNumbers.Normal(serialNumber);
        return db.OrderRefundRequests.AsNoTracking()
            .Where(refund => refund.DeviceKey == device && refund.State != OrderRefundState.Rejected && refund.State != OrderRefundState.Voided)
            .Where(refund => refund.ReturnId != exceptReturnId)
            .Select(refund => refund.ReturnId).ToListAsync(cancellationToken);
    }

    /// <summary>Whether money for a line is under review, owed or paid, in other returns than these.</summary>
    public async Task<bool> IsRefunded(Order order, string lineId, IReadOnlyCollection<string> exceptReturnIds, CancellationToken cancellationToken)
    {
        // The order keeps the sum; only what there is of it has to be told apart.
        if (order.Refunded == 0) return false;
        var stored = await db.OrderRefundRequests.AsNoTracking()
            .Where(refund => refund.OrderId == order.OrderId || refund.MoneyOrderId == order.OrderId)
            .ToListAsync(cancellationToken);
        return Touched().Concat(stored).DistinctBy(refund => refund.ReturnId)
            .Where(refund => refund.State is not (OrderRefundState.Rejected or OrderRefundState.Voided) && !exceptReturnIds.Contains(refund.ReturnId))
            .Any(refund => refund.Amount > 0 && refund.MoneyOrder == order.OrderId && (refund.MoneyLineId ?? refund.LineId) == lineId);
    }

    /// <summary>Writes down that returns have given up a device, before another one takes it: at no moment two have it.</summary>
    public Task GiveUp(CancellationToken cancellationToken) => db.SaveChangesAsync(cancellationToken);

    private async Task<IEnumerable<Place>> ReplacementsOf(string serialNumber, CancellationToken cancellationToken)
    {
        var device = SerialNumbers.Normal(serialNumber);
        if (!_replacements.TryGetValue(device, out var found))
            found = await db.OrderRefundRequests.AsNoTracking()
                .Where(refund => refund.ReplacementKey == device && refund.State != OrderRefundState.Rejected && refund.State != OrderRefundState.Voided)
                .Where(refund => refund.EndedBecause == null)
                .Select(refund => new Place(refund.DeviceOrderId, refund.DeviceLineId ?? refund.LineId, refund.ReplacementSku!))
                .ToListAsync(cancellationToken);
        return found.Concat(Touched().Where(refund => refund.ReplacementKey == device)
            .Select(refund => new Place(refund.DeviceOrderId, refund.DeviceLineId ?? refund.LineId, refund.ReplacementSku!)));
    }

    // What an earlier attempt touched is not tracked any more.
    private IEnumerable<OrderRefundRequest> Touched() => _touched.Where(refund => db.Entry(refund).State != EntityState.Detached);
}
