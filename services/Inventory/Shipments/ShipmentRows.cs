using EseErp.EventStore;
using EseErp.Inventory.Data;
using EseErp.Inventory.Stock;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Inventory.Shipments;

/// <summary>
/// Reads and locks the rows that work on shipments needs: first the stock, then the requests, each in key order.
/// </summary>
/// <remarks>
/// Stock comes first because a freed unit goes to the request that has waited longest, whoever that is: the holder of the
/// stock row may lock any request of that model without meeting a transaction that holds the request and waits for the stock.
/// </remarks>
public sealed class ShipmentRows(InventoryDb db, Documents documents)
{
    // Guards that no stock begins while someone finds that there is none, and so joins no line.
    private const int BeginningOfStock = 0x53544B; // "STK"

    private sealed record AskedStock(string Sku, bool IsKept);

    /// <summary>
    /// As <see cref="Load"/>, in a batch's first round trip; <see cref="LoadMissingStock"/> follows for models that are not kept in stock.
    /// </summary>
    public void Want(string[] returnIds, string[] openedSkus, string[] restocked, BatchReads reads)
    {
        // A request's model never changes, so it can be read before the lock; that of the device that came changes with a fact of the
        // same return, which has nobody else work on it.
        documents.WantWhere<StockItem>(
            """
            sku = any ({1} || array(
                select sku::text from shipment_requests where return_id = any ({0}) and (resolution <> 'Refund' or return_id = any ({2}))
                union select returned_sku::text from shipment_requests where return_id = any ({2}) and returned_sku is not null))
            """, [returnIds, openedSkus, restocked], reads);
        documents.Want<ShipmentRequest>(returnIds, reads);
    }

    /// <summary>Looks once more for the stock of models that <see cref="Want"/> did not find.</summary>
    public async Task LoadMissingStock(IEnumerable<string> returnIds, IEnumerable<string> openedSkus, CancellationToken cancellationToken)
    {
        var missing = openedSkus.ToHashSet();
        foreach (var returnId in returnIds)
            if (await documents.Find<ShipmentRequest>(returnId, cancellationToken) is { WantsReplacement: true } request) missing.Add(request.Sku);
        missing.RemoveWhere(documents.Knows<StockItem>);
        if (missing.Count == 0) return;
        await HoldBackStock([.. missing], cancellationToken);
        await documents.Load<StockItem>(missing, cancellationToken);
    }

    /// <summary>
    /// Locks the requests of these returns and the stock they are about. Everyone who works on them begins here. A model that is not
    /// kept in stock has none: a return brings no model into being.
    /// </summary>
    /// <param name="openedSkus">Models of requests about to be opened, and of devices that came instead of announced ones.</param>
    /// <param name="restocked">Returns whose item goes back to the shelf, even if no replacement was asked for.</param>
    public async Task Load(
        IReadOnlyCollection<string> returnIds, IReadOnlyCollection<string> openedSkus, CancellationToken cancellationToken,
        IReadOnlyCollection<string>? restocked = null)
    {
        var (ids, opened, shelved) = (returnIds.ToArray(), openedSkus.ToArray(), (restocked ?? []).ToArray());
        var asked = await db.Database.SqlQuery<AskedStock>(
            $"""
            select asked.sku as "Sku", exists (select 1 from stock_items kept where kept.sku = asked.sku) as "IsKept"
            from (select sku::text from shipment_requests where return_id = any ({ids}) and (resolution <> 'Refund' or return_id = any ({shelved}))
                  union select returned_sku::text from shipment_requests where return_id = any ({shelved}) and returned_sku is not null
                  union select unnest({opened})) as asked(sku)
            """).ToListAsync(cancellationToken);
        if (asked.Exists(stock => !stock.IsKept)) await HoldBackStock([.. asked.Where(stock => !stock.IsKept).Select(stock => stock.Sku)], cancellationToken);
        await documents.Load<StockItem>(asked.Select(stock => stock.Sku), cancellationToken);
        await documents.Load<ShipmentRequest>(returnIds, cancellationToken);
    }

    /// <summary>Keeps models in stock from now on, with no unit; those that are kept already stay as they are. Locks them all.</summary>
    /// <returns>Those that are new, for <see cref="ShipmentDesk.BeginStock"/>.</returns>
    public async Task<IReadOnlyList<StockItem>> OpenStock(IReadOnlyCollection<string> skus, CancellationToken cancellationToken)
    {
        var asked = skus.ToArray();
        await db.Database.ExecuteSqlAsync(
            $"""
            select pg_advisory_xact_lock({BeginningOfStock}, missing.key) from (
                select distinct hashtext(sku) as key from unnest({asked}) as asked(sku)
                where not exists (select 1 from stock_items kept where kept.sku = asked.sku) order by key) missing
            """, cancellationToken);
        // Whoever asked for one when there was none is in line.
        var begun = await db.Database.SqlQuery<string>(
            $"""
            insert into stock_items (sku, on_hand, reserved, backordered)
            select sku, 0, 0, (select count(*) from shipment_requests request where request.sku = asked.sku and request.state = 'Backordered')
            from unnest({asked}) as asked(sku)
            where not exists (select 1 from stock_items kept where kept.sku = asked.sku)
            order by sku collate "C"
            on conflict do nothing returning sku as "Value"
            """).ToListAsync(cancellationToken);
        await documents.Load<StockItem>(skus, cancellationToken);
        var items = new List<StockItem>();
        foreach (var sku in begun) items.Add((await documents.Find<StockItem>(sku, cancellationToken))!);
        return items;
    }

    /// <summary>Waits for whoever keeps these models in stock from now on, and then holds that back until the transaction ends.</summary>
    public async Task HoldBackStock(string[] skus, CancellationToken cancellationToken) => await db.Database.ExecuteSqlAsync(
        $"""
        select pg_advisory_xact_lock_shared({BeginningOfStock}, missing.key)
        from (select distinct hashtext(sku) as key from unnest({skus}) as asked(sku) order by key) missing
        """, cancellationToken);
}
