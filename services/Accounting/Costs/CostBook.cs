using EseErp.Accounting.Data;
using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EseErp.Accounting.Costs;

/// <summary>
/// Looks up landed costs. They are read and not locked: all returns of a model share the row and none changes it.
/// </summary>
public sealed partial class CostBook(AccountingDb db, ILogger<CostBook> log)
{
    private readonly Dictionary<string, UnitCost?> _known = [];

    /// <summary>Has a batch's first round trip read the costs that are not known yet.</summary>
    public void Want(IEnumerable<string> skus, BatchReads reads)
    {
        var wanted = skus.Distinct().Where(sku => !_known.ContainsKey(sku)).ToArray();
        if (wanted.Length == 0) return;
        foreach (var sku in wanted) _known[sku] = null;
        reads.Add(
            "select sku, landed_cost, currency from unit_costs where sku = any ($1)",
            parameters => parameters.Add(new NpgsqlParameter<string[]> { TypedValue = wanted }),
            async (reader, token) =>
            {
                while (await reader.ReadAsync(token))
                    _known[reader.GetString(0)] = new UnitCost { Sku = reader.GetString(0), LandedCost = reader.GetDecimal(1), Currency = reader.GetString(2) };
            });
    }

    /// <summary>Reads the costs that are not known yet, with one query.</summary>
    public async Task Load(IEnumerable<string> skus, CancellationToken cancellationToken)
    {
        var wanted = skus.Distinct().Where(sku => !_known.ContainsKey(sku)).ToArray();
        if (wanted.Length == 0) return;
        foreach (var sku in wanted) _known[sku] = null;
        foreach (var cost in await db.UnitCosts.AsNoTracking().Where(cost => wanted.Contains(cost.Sku)).ToListAsync(cancellationToken))
            _known[cost.Sku] = cost;
    }

    /// <summary>The cost of one unit; nothing, with a warning, for a model that the book does not know.</summary>
    public async ValueTask<UnitCost> Find(string sku, CancellationToken cancellationToken)
    {
        await Load([sku], cancellationToken);
        if (_known[sku] is { } cost) return cost;
        LogUnknown(sku);
        return UnitCost.Unknown(sku);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cost book does not know {Sku}; the item is valued at zero")]
    private partial void LogUnknown(string sku);
}
