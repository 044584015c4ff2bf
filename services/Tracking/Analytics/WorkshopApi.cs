using EseErp.ServiceDefaults;
using EseErp.Tracking.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Tracking.Analytics;

/// <summary>What inspections found.</summary>
/// <param name="Diagnosed">How many items were inspected.</param>
/// <param name="Rate">Those without a fault by all inspected; null when none was.</param>
/// <param name="Faults">Most frequent first, at most 100.</param>
public sealed record Diagnoses(int Diagnosed, int NoFaultFound, decimal? Rate, IReadOnlyList<FaultCount> Faults);

/// <summary>How many inspections found this.</summary>
/// <param name="FaultCode">Such as <c>BATTERY_SWOLLEN</c>, or <c>NO_FAULT_FOUND</c>.</param>
public sealed record FaultCount(string FaultCode, int Returns);

/// <summary>What is got back out of units that were taken apart, in one currency.</summary>
/// <param name="Currency">ISO 4217, of the units' costs.</param>
/// <param name="Units">How many were taken apart, and their disposal posted.</param>
/// <param name="LandedCost">What they had cost.</param>
/// <param name="RecoveredValue">Of the good parts. Parts valued in another currency than the unit's cost do not count.</param>
/// <param name="Rate">Recovered value by landed cost; null when they had cost nothing.</param>
public sealed record Recovery(string Currency, int Units, decimal LandedCost, decimal RecoveredValue, decimal? Rate);

/// <summary>What comes of the items at the workbench.</summary>
public static class WorkshopApi
{
    private const string NoFaultFound = "NO_FAULT_FOUND";

    public static void MapWorkshop(this IEndpointRouteBuilder analytics)
    {
        analytics.MapGet("/diagnoses", GetDiagnoses).WithSummary("What inspections found, and how often they found no fault");
        analytics.MapGet("/recovery", GetRecovery).WithSummary("Value recovered from units taken apart by what they had cost, per currency");
    }

    private static async Task<Results<Ok<Diagnoses>, BadRequestProblem>> GetDiagnoses(
        [AsParameters] ReturnsCounted counted, TrackingDb db, CancellationToken cancellationToken)
    {
        if (counted.Fault is { } fault) return fault;
        const string Sql =
            $$"""
            select disassembly ->> 'faultCode' as "FaultCode", count(*)::int as "Returns",
                   sum(count(*)) over ()::int as "All", coalesce(sum(count(*)) filter (where disassembly ->> 'faultCode' = {3}) over (), 0)::int as "Clean"
            from returns where disassembly ->> 'faultCode' is not null and {{ReturnsCounted.Condition}}
            group by disassembly ->> 'faultCode' order by 2 desc, 1 limit 100
            """;
        var rows = await db.Database.SqlQueryRaw<DiagnosisRow>(Sql, counted.Parameters(NoFaultFound)).ToListAsync(cancellationToken);
        var (all, clean) = rows.Count == 0 ? (0, 0) : (rows[0].All, rows[0].Clean);
        return TypedResults.Ok(new Diagnoses(
            all, clean, all == 0 ? null : Math.Round((decimal)clean / all, 6), [.. rows.Select(row => new FaultCount(row.FaultCode, row.Returns))]));
    }

    private static async Task<Results<Ok<IReadOnlyList<Recovery>>, BadRequestProblem>> GetRecovery(
        [AsParameters] ReturnsCounted counted, TrackingDb db, CancellationToken cancellationToken)
    {
        if (counted.Fault is { } fault) return fault;
        const string Sql =
            $"""
            with posted as (
                select disposal ->> 'currency' as currency, coalesce((disposal ->> 'provisionalCost')::numeric, 0) as cost,
                       coalesce((disposal ->> 'recoveredValue')::numeric, 0) as recovered
                from returns where disposal ->> 'state' = 'Posted' and {ReturnsCounted.Condition}
            )
            select currency as "Currency", count(*)::int as "Units", sum(cost) as "LandedCost", sum(recovered) as "RecoveredValue",
                   round(sum(recovered) / nullif(sum(cost), 0), 6) as "Rate"
            from posted group by currency order by currency
            """;
        return TypedResults.Ok<IReadOnlyList<Recovery>>(await db.Database.SqlQueryRaw<Recovery>(Sql, counted.Parameters()).ToListAsync(cancellationToken));
    }

    private sealed record DiagnosisRow(string FaultCode, int Returns, int All, int Clean);
}
