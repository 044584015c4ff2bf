using EseErp.Contracts;
using EseErp.Inventory.Data;
using EseErp.Inventory.Shipments;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Inventory.Receipts;

/// <summary>Under which returns devices came in, by the normal form of their serial numbers.</summary>
public sealed class ArrivedDevices(InventoryDb db)
{
    // Guards that a device does not come in under two returns at once.
    private const int Arrival = 0x415256; // "ARV"

    /// <summary>
    /// The returns under which devices of these numbers came in and were not refused. Until the transaction ends, no other one that asks so
    /// changes that. Ask after <see cref="ShipmentRows.Load"/>, once for all.
    /// </summary>
    public async Task<ILookup<string, ShipmentRequest>> Hold(IEnumerable<string> serialNumbers, CancellationToken cancellationToken)
    {
        var keys = serialNumbers.Select(SerialNumbers.Normal).Distinct().ToArray();
        await db.Database.ExecuteSqlAsync(
            $"""
            select pg_advisory_xact_lock({Arrival}, arriving.key)
            from (select distinct hashtext(device) as key from unnest({keys}) as asked(device) order by key) arriving
            """, cancellationToken);
        return (await db.ShipmentRequests.AsNoTracking().Where(request => keys.Contains(request.ArrivedKey)).ToListAsync(cancellationToken))
            .ToLookup(request => request.ArrivedKey!);
    }
}
