using EseErp.Contracts;
using EseErp.ServiceDefaults;
using EseErp.Tracking.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Tracking.Analytics;

/// <summary>How long returns take, from the request.</summary>
/// <param name="SecondsToSettle">Until all teams had answered.</param>
/// <param name="SecondsToRefund">Until the money was paid.</param>
public sealed record ReturnDurations(DurationsByMode SecondsToSettle, DurationsByMode SecondsToRefund);

/// <param name="All">Both modes together.</param>
/// <param name="ByMode">Each mode that occurs.</param>
public sealed record DurationsByMode(Durations All, IReadOnlyDictionary<CoordinationMode, Durations> ByMode);

/// <summary>Replacements that wait for stock.</summary>
/// <param name="Open">How many wait now.</param>
/// <param name="OldestSince">Since when the oldest waits; null when none does.</param>
/// <param name="AgeSeconds">How long they have been waiting.</param>
public sealed record Backorders(DateTimeOffset AsOf, int Open, DateTimeOffset? OldestSince, double? OldestAgeSeconds, Durations AgeSeconds);

/// <summary>How long things take, and how long they have been waiting.</summary>
public static class DurationsApi
{
    public static void MapDurations(this IEndpointRouteBuilder analytics)
    {
        analytics.MapGet("/durations", Get).WithSummary("Time to settle and to refund: median and 95th percentile, by mode");
        analytics.MapGet("/backorders", GetBackorders).WithSummary("Replacements that wait for stock now, and for how long");
    }

    private static async Task<Results<Ok<ReturnDurations>, BadRequestProblem>> Get(
        [AsParameters] ReturnsCounted counted, TrackingDb db, CancellationToken cancellationToken)
    {
        if (counted.Fault is { } fault) return fault;
        const string Sql =
            $"""
            with chosen as (
                select mode, extract(epoch from settled_at - requested_at)::float8 as settled,
                       extract(epoch from (refund ->> 'issuedAt')::timestamptz - requested_at)::float8 as refunded
                from returns where {ReturnsCounted.Condition}
            )
            select mode as "Mode",
                   count(settled)::int as "Settled",
                   percentile_cont(0.5) within group (order by settled) as "SettledP50",
                   percentile_cont(0.95) within group (order by settled) as "SettledP95",
                   count(refunded)::int as "Refunded",
                   percentile_cont(0.5) within group (order by refunded) as "RefundedP50",
                   percentile_cont(0.95) within group (order by refunded) as "RefundedP95"
            from chosen group by grouping sets ((), (mode))
            """;
        var rows = await db.Database.SqlQueryRaw<Row>(Sql, counted.Parameters()).ToListAsync(cancellationToken);
        return TypedResults.Ok(new ReturnDurations(
            ByMode(rows, row => new Durations(row.Settled, row.SettledP50, row.SettledP95)),
            ByMode(rows, row => new Durations(row.Refunded, row.RefundedP50, row.RefundedP95))));
    }

    private static async Task<Ok<Backorders>> GetBackorders(TrackingDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var row = (await db.Database.SqlQuery<BackorderRow>(
            $"""
            with waiting as (
                select (replacement ->> 'changedAt')::timestamptz as since from returns where replacement ->> 'state' = 'Backordered'
            ), aged as (
                select since, greatest(extract(epoch from {now} - since), 0)::float8 as age from waiting
            )
            select count(*)::int as "Open", min(since) as "OldestSince", max(age) as "OldestAge",
                   percentile_cont(0.5) within group (order by age) as "P50", percentile_cont(0.95) within group (order by age) as "P95"
            from aged
            """).ToListAsync(cancellationToken)).Single();
        return TypedResults.Ok(new Backorders(now, row.Open, row.OldestSince, row.OldestAge, new Durations(row.Open, row.P50, row.P95)));
    }

    private static DurationsByMode ByMode(List<Row> rows, Func<Row, Durations> of) => new(
        of(rows.Single(row => row.Mode is null)),
        rows.Where(row => row.Mode is not null).ToDictionary(row => Enum.Parse<CoordinationMode>(row.Mode!), of));

    private sealed record Row(
        string? Mode, int Settled, double? SettledP50, double? SettledP95, int Refunded, double? RefundedP50, double? RefundedP95);

    private sealed record BackorderRow(int Open, DateTimeOffset? OldestSince, double? OldestAge, double? P50, double? P95);
}
