using EseErp.Contracts;
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
    /// <summary>
    /// As <see cref="Load"/>, in a batch's first round trip; <see cref="LoadMissingStock"/> follows for models never heard of.
    /// </summary>
    public void Want(string[] returnIds, string[] openedSkus, string[] restocked, BatchReads reads)
    {
        // A request's model never changes, so it can be read before the lock.
        documents.WantWhere<StockItem>(
            """
            sku = any ({1} || array(
                select sku::text from shipment_requests where return_id = any ({0}) and (resolution <> 'Refund' or return_id = any ({2}))))
            """, [returnIds, openedSkus, restocked], reads);
        documents.Want<ShipmentRequest>(returnIds, reads);
    }

    /// <summary>Adds and locks the stock of models that <see cref="Want"/> did not find.</summary>
    public async Task LoadMissingStock(IEnumerable<string> openedSkus, IEnumerable<string> restocked, CancellationToken cancellationToken)
    {
        var missing = openedSkus.ToHashSet();
        foreach (var returnId in restocked)
            if (await documents.Find<ShipmentRequest>(returnId, cancellationToken) is { } request) missing.Add(request.Sku);
        missing.RemoveWhere(documents.Knows<StockItem>);
        if (missing.Count == 0) return;
        await AddMissingStock(missing, cancellationToken);
        await documents.Load<StockItem>(missing, cancellationToken);
    }

    /// <summary>Locks the requests of these returns and the stock they are about. Everyone who works on them begins here.</summary>
    /// <param name="openedSkus">Models of requests about to be opened; one never heard of becomes a stock item with nothing.</param>
    /// <param name="restocked">Returns whose item goes back to the shelf, even if no replacement was asked for.</param>
    public async Task Load(
        IReadOnlyCollection<string> returnIds, IReadOnlyCollection<string> openedSkus, CancellationToken cancellationToken,
        IReadOnlyCollection<string>? restocked = null)
    {
        restocked ??= [];
        // A request's model never changes, so it can be read before the lock.
        var skus = await db.ShipmentRequests
            .Where(request => returnIds.Contains(request.ReturnId) && (request.Resolution != Resolution.Refund || restocked.Contains(request.ReturnId)))
            .Select(request => request.Sku)
            .Distinct()
            .ToListAsync(cancellationToken);
        if (openedSkus.Count > 0 || (restocked.Count > 0 && skus.Count > 0))
            await AddMissingStock(restocked.Count > 0 ? skus.Concat(openedSkus) : openedSkus, cancellationToken);
        await documents.Load<StockItem>(skus.Concat(openedSkus), cancellationToken);
        await documents.Load<ShipmentRequest>(returnIds, cancellationToken);
    }

    // Rows come in key order, so that two batches that meet new models queue instead of deadlocking.
    private async Task AddMissingStock(IEnumerable<string> skus, CancellationToken cancellationToken) => await db.Database.ExecuteSqlAsync(
        $"""
        insert into stock_items (sku, on_hand, reserved, backordered)
        select sku, 0, 0, 0 from unnest({skus.Distinct().ToArray()}) as asked(sku)
        where not exists (select 1 from stock_items known where known.sku = asked.sku)
        order by sku collate "C"
        on conflict do nothing
        """, cancellationToken);
}
