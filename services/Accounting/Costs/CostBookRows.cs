using EseErp.Accounting.Data;
using EseErp.Registry;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Accounting.Costs;

/// <summary>The rows the cost book reads, in step with the landed costs of the registry.</summary>
public sealed class CostBookRows(AccountingDb db) : IRegistryProjection<UnitCost>
{
    public async Task Apply(IReadOnlyList<UnitCost> current, IReadOnlyList<string> deleted, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into unit_costs (sku, landed_cost, currency)
            select * from unnest({current.Select(cost => cost.Sku).ToArray()}, {current.Select(cost => cost.LandedCost).ToArray()},
                                 {current.Select(cost => cost.Currency).ToArray()})
            on conflict (sku) do update set landed_cost = excluded.landed_cost, currency = excluded.currency
            """, cancellationToken);
        await db.UnitCosts.Where(cost => deleted.Contains(cost.Sku)).ExecuteDeleteAsync(cancellationToken);
    }
}
