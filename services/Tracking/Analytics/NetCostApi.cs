using EseErp.ServiceDefaults;
using EseErp.Tracking.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Tracking.Analytics;

/// <summary>What returns cost in one currency, as Accounting books it: the same as the net of its expense accounts.</summary>
/// <param name="Currency">ISO 4217. A refund is in the currency of the order, the rest in the currency of the device's cost; there is no exchange rate.</param>
/// <param name="Returns">How many returns cost or brought anything in this currency.</param>
/// <param name="Refunds">Paid, and not given back.</param>
/// <param name="Replacements">Landed cost of those that left, and did not come back after a recall.</param>
/// <param name="DisposalLosses">Of devices taken apart: landed cost less the recovered value.</param>
/// <param name="Labour">Of units taken apart.</param>
/// <param name="ReturnedGoods">Landed cost of the units that came in and stayed; it is taken off.</param>
/// <param name="NetCost">Refunds + replacements + disposal losses + labour - returned goods.</param>
/// <param name="NetCostPerReturn">By <paramref name="Returns"/>, four decimals.</param>
public sealed record NetCosts(
    string Currency,
    int Returns,
    decimal Refunds,
    decimal Replacements,
    decimal DisposalLosses,
    decimal Labour,
    decimal ReturnedGoods,
    decimal NetCost,
    decimal NetCostPerReturn);

/// <summary>What returns cost.</summary>
public static class NetCostApi
{
    public static void MapNetCost(this IEndpointRouteBuilder analytics) => analytics.MapGet("/net-cost", Get)
        .WithSummary("What returns cost, per currency and per return")
        .WithDescription("Refund + replacement + disposal loss + labour - the device that came back, each once it is a fact. A device counts as returned from its "
            + "receipt on, unless it goes back to the customer (by inspection, or declined on review). When it is taken apart, its cost less the recovered value is the disposal loss. So a return is cheapest "
            + "between receipt and disassembly.");

    private static async Task<Results<Ok<IReadOnlyList<NetCosts>>, BadRequestProblem>> Get(
        [AsParameters] ReturnsCounted counted, TrackingDb db, CancellationToken cancellationToken)
    {
        if (counted.Fault is { } fault) return fault;
        const string Sql =
            $"""
            with chosen as (
                select * from returns where {ReturnsCounted.Condition}
            ), costs as (
                select return_id, refund ->> 'currency' as currency, 'refund' as kind, (refund ->> 'amount')::numeric as amount
                from chosen where refund ->> 'issuedAt' is not null and refund ->> 'recoveredAt' is null
                union all
                select return_id, coalesce(disposal ->> 'replacementCurrency', disposal ->> 'currency'), 'replacement',
                       coalesce(disposal ->> 'replacementCost', disposal ->> 'provisionalCost')::numeric
                from chosen where replacement ->> 'state' in ('Shipped', 'Delivered', 'Recalled')
                union all
                select return_id, disposal ->> 'currency', 'loss', (disposal ->> 'disposalLoss')::numeric
                from chosen where disposal ->> 'state' = 'Posted'
                union all
                select return_id, disassembly ->> 'currency', 'labour', (disassembly ->> 'labourCost')::numeric
                from chosen where disposal ->> 'state' = 'Posted'
                union all
                select return_id, disposal ->> 'currency', 'goods', -(disposal ->> 'provisionalCost')::numeric
                from chosen
                where item ->> 'receivedAt' is not null
                  and (disassembly ->> 'state' = 'Disassembled' or disassembly ->> 'disposition' = 'ReturnToStock'
                    or refund ->> 'rejectedAt' is null and disassembly ->> 'disposition' is distinct from 'ReturnToCustomer')
            )
            select currency as "Currency", count(distinct return_id)::int as "Returns",
                   coalesce(sum(amount) filter (where kind = 'refund'), 0) as "Refunds",
                   coalesce(sum(amount) filter (where kind = 'replacement'), 0) as "Replacements",
                   coalesce(sum(amount) filter (where kind = 'loss'), 0) as "DisposalLosses",
                   coalesce(sum(amount) filter (where kind = 'labour'), 0) as "Labour",
                   -coalesce(sum(amount) filter (where kind = 'goods'), 0) as "ReturnedGoods",
                   sum(amount) as "NetCost", round(sum(amount) / count(distinct return_id), 4) as "NetCostPerReturn"
            from costs where currency is not null and amount <> 0
            group by currency order by currency
            """;
        return TypedResults.Ok<IReadOnlyList<NetCosts>>(await db.Database.SqlQueryRaw<NetCosts>(Sql, counted.Parameters()).ToListAsync(cancellationToken));
    }
}
