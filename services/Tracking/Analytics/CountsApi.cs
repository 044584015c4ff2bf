using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using EseErp.Contracts;
using EseErp.ServiceDefaults;
using EseErp.Tracking.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Tracking.Analytics;

/// <summary>Why devices come back.</summary>
/// <param name="Returns">All that were counted.</param>
/// <param name="Reasons">Each reason that occurs, most frequent first.</param>
public sealed record ReturnsByReason(int Returns, IReadOnlyList<ReasonCount> Reasons);

/// <summary>How many returns had a reason.</summary>
/// <param name="Share">Of all counted, 0 to 1.</param>
public sealed record ReasonCount(ReturnReason Reason, int Returns, decimal Share);

/// <summary>Which models come back.</summary>
/// <param name="Returns">All that were counted, of every model.</param>
/// <param name="Models">Most returns first, as many as were asked for.</param>
public sealed record ReturnsByModel(int Returns, IReadOnlyList<ModelCount> Models);

/// <summary>Returns of one model.</summary>
/// <param name="Share">Of all counted, 0 to 1.</param>
public sealed record ModelCount(string Sku, int Returns, decimal Share);

/// <summary>How many of the units that customers got come back.</summary>
/// <param name="All">All models together.</param>
/// <param name="Models">Highest rate first, as many as were asked for; those without a known delivery last.</param>
public sealed record ReturnRates(ReturnRate All, IReadOnlyList<ModelReturnRate> Models);

/// <param name="Delivered">Units delivered to customers, as Sales reported.</param>
/// <param name="Returned">Returns that were not declined, called off or given up; each is of one unit.</param>
/// <param name="Rate">Returned by delivered; null when no delivery is known.</param>
public sealed record ReturnRate(long Delivered, int Returned, decimal? Rate);

/// <inheritdoc cref="ReturnRate"/>
public sealed record ModelReturnRate(string Sku, long Delivered, int Returned, decimal? Rate);

/// <summary>Returns counted by reason and by model.</summary>
public static class CountsApi
{
    private const int MostModels = 500;

    public static void MapCounts(this IEndpointRouteBuilder analytics)
    {
        analytics.MapGet("/returns-by-reason", ByReason).WithSummary("Returns by reason");
        analytics.MapGet("/returns-by-model", ByModel).WithSummary("Returns by model, most first");
        analytics.MapGet("/return-rate", Rate).WithSummary("Units that came back by units delivered, per model")
            .WithDescription("Over all time: Sales reports how many devices of a model were delivered, but not when. Returns that were declined, called off or "
                + "given up do not count.");
    }

    private static async Task<Results<Ok<ReturnsByReason>, BadRequestProblem>> ByReason(
        [AsParameters] ReturnsCounted counted, TrackingDb db, CancellationToken cancellationToken)
    {
        if (counted.Fault is { } fault) return fault;
        const string Sql =
            $"""
            select reason as "Name", count(*)::int as "Returns", sum(count(*)) over ()::int as "All"
            from returns where reason is not null and {ReturnsCounted.Condition}
            group by reason order by 2 desc, 1
            """;
        var rows = await db.Database.SqlQueryRaw<Row>(Sql, counted.Parameters()).ToListAsync(cancellationToken);
        return TypedResults.Ok(new ReturnsByReason(
            All(rows), [.. rows.Select(row => new ReasonCount(Enum.Parse<ReturnReason>(row.Name), row.Returns, Share(row.Returns, row.All)))]));
    }

    private static async Task<Results<Ok<ReturnsByModel>, BadRequestProblem>> ByModel(
        [AsParameters] ReturnsCounted counted, TrackingDb db, CancellationToken cancellationToken,
        [Range(1, MostModels), Description("How many models at most, 1 to 500.")] int top = 50)
    {
        if (counted.Fault is { } fault) return fault;
        const string Sql =
            $$"""
            select coalesce(refund ->> 'returnedSku', request ->> 'sku') as "Name", count(*)::int as "Returns", sum(count(*)) over ()::int as "All"
            from returns where request ->> 'sku' is not null and {{ReturnsCounted.Condition}}
            group by coalesce(refund ->> 'returnedSku', request ->> 'sku') order by 2 desc, 1 limit {3}
            """;
        var rows = await db.Database.SqlQueryRaw<Row>(Sql, counted.Parameters(top)).ToListAsync(cancellationToken);
        return TypedResults.Ok(new ReturnsByModel(All(rows), [.. rows.Select(row => new ModelCount(row.Name, row.Returns, Share(row.Returns, row.All)))]));
    }

    private static async Task<Ok<ReturnRates>> Rate(
        TrackingDb db, CancellationToken cancellationToken, [Range(1, MostModels), Description("How many models at most, 1 to 500.")] int top = 50)
    {
        // The row without a model is that of all.
        var rows = await db.Database.SqlQuery<RateRow>(
            $"""
            with returned as (
                select coalesce(refund ->> 'returnedSku', request ->> 'sku') as sku, count(*)::int as units from returns
                where request ->> 'sku' is not null and status not in ('Declined', 'Cancelled', 'Expired') group by 1
            ), models as (
                select coalesce(d.sku, r.sku) as sku, coalesce(d.quantity, 0) as delivered, coalesce(r.units, 0) as returned
                from delivered_units d full join returned r using (sku)
            ), totals as (
                select sku, sum(delivered)::bigint as delivered, sum(returned)::int as returned from models group by grouping sets ((), (sku))
            )
            select sku as "Sku", coalesce(delivered, 0) as "Delivered", coalesce(returned, 0) as "Returned",
                   round(returned::numeric / nullif(delivered, 0), 6) as "Rate"
            from totals order by sku is not null, 4 desc nulls last, 3 desc, 1 limit {top + 1}
            """).ToListAsync(cancellationToken);
        var all = rows[0];
        return TypedResults.Ok(new ReturnRates(
            new ReturnRate(all.Delivered, all.Returned, all.Rate),
            [.. rows.Skip(1).Select(row => new ModelReturnRate(row.Sku!, row.Delivered, row.Returned, row.Rate))]));
    }

    private static int All(List<Row> rows) => rows.Count == 0 ? 0 : rows[0].All;

    private static decimal Share(int part, int all) => Math.Round((decimal)part / all, 6);

    private sealed record Row(string Name, int Returns, int All);

    private sealed record RateRow(string? Sku, long Delivered, int Returned, decimal? Rate);
}
