using System.ComponentModel;
using EseErp.Contracts;
using EseErp.ServiceDefaults;
using EseErp.Tracking.Data;
using EseErp.Tracking.Rebuild;
using EseErp.Tracking.Returns;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Tracking.Analytics;

/// <summary>All returns in numbers.</summary>
/// <param name="Returns">How many.</param>
/// <param name="SecondsToSettle">From the request until all teams have answered, of those that are settled.</param>
/// <param name="SecondsToComplete">From the request until the customer had everything, of those that are completed.</param>
public sealed record AnalyticsSummary(
    DateTimeOffset? Since,
    int Returns,
    IReadOnlyDictionary<TrackedStatus, int> ByStatus,
    IReadOnlyDictionary<CoordinationMode, int> ByMode,
    IReadOnlyDictionary<ReturnReason, int> ByReason,
    Durations SecondsToSettle,
    Durations SecondsToComplete);

/// <summary>How long something took, in seconds.</summary>
/// <param name="Count">Of how many returns.</param>
/// <param name="P50">Half of them took at most this long; null when there is none.</param>
/// <param name="P95">All but one in twenty took at most this long.</param>
public sealed record Durations(int Count, double? P50, double? P95);

/// <summary>Numbers over all returns, computed by the database when asked for.</summary>
public static class AnalyticsApi
{
    public static void MapAnalytics(this IEndpointRouteBuilder routes)
    {
        var analytics = routes.MapGroup("/analytics").WithTags("Analytics").WhenWhole();
        analytics.MapGet("/summary", Summary)
            .WithSummary("Returns by status, mode and reason, and how long they take")
            .WithDescription("`since` is another word for `from`; if both are given, `from` wins.");
        analytics.MapCounts();
        analytics.MapDurations();
        analytics.MapWorkshop();
        analytics.MapNetCost();
    }

    private static async Task<Results<Ok<AnalyticsSummary>, BadRequestProblem>> Summary(
        [AsParameters] ReturnsCounted counted, TrackingDb db, CancellationToken cancellationToken,
        [Description("Only returns requested at that time or later; without it all.")] DateTimeOffset? since = null)
    {
        counted = counted with { From = counted.From ?? since };
        if (counted.Fault is { } fault) return fault;
        // One consistent answer: everything comes from one statement.
        const string Sql =
            $"""
            select grouping(status, mode, reason) as "Grouping",
                   coalesce(status, mode, reason) as "Name",
                   count(*)::int as "Returns",
                   count(settled_at - requested_at)::int as "Settled",
                   percentile_cont(0.5) within group (order by extract(epoch from settled_at - requested_at)::float8) as "SettledP50",
                   percentile_cont(0.95) within group (order by extract(epoch from settled_at - requested_at)::float8) as "SettledP95",
                   count(completed_at - requested_at)::int as "Completed",
                   percentile_cont(0.5) within group (order by extract(epoch from completed_at - requested_at)::float8) as "CompletedP50",
                   percentile_cont(0.95) within group (order by extract(epoch from completed_at - requested_at)::float8) as "CompletedP95"
            from returns
            where {ReturnsCounted.Condition}
            group by grouping sets ((), (status), (mode), (reason))
            """;
        var rows = await db.Database.SqlQueryRaw<Row>(Sql, counted.Parameters()).ToListAsync(cancellationToken);

        var all = rows.Single(row => row.Grouping == Row.All);
        return TypedResults.Ok(new AnalyticsSummary(
            counted.From, all.Returns, Counts<TrackedStatus>(rows, Row.ByStatus), Counts<CoordinationMode>(rows, Row.ByMode), Counts<ReturnReason>(rows, Row.ByReason),
            new Durations(all.Settled, all.SettledP50, all.SettledP95),
            new Durations(all.Completed, all.CompletedP50, all.CompletedP95)));
    }

    private static Dictionary<T, int> Counts<T>(List<Row> rows, int grouping) where T : struct, Enum => rows
        .Where(row => row.Grouping == grouping && row.Name is not null)
        .ToDictionary(row => Enum.Parse<T>(row.Name!), row => row.Returns);

    private sealed record Row(
        int Grouping, string? Name, int Returns, int Settled, double? SettledP50, double? SettledP95, int Completed, double? CompletedP50, double? CompletedP95)
    {
        // grouping(): one bit per column, set where the column is not grouped by.
        public const int All = 0b111;
        public const int ByStatus = 0b011;
        public const int ByMode = 0b101;
        public const int ByReason = 0b110;
    }
}
