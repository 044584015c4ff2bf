using EseErp.Accounting.Data;
using EseErp.DemoData;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Accounting.Costs;

/// <summary>What one unit of a model costs in the warehouse.</summary>
public sealed record UnitCostView(string Sku, decimal LandedCost, string Currency);

public static class CostsApi
{
    public static void MapCosts(this IEndpointRouteBuilder routes) => routes.MapGet("/costs/{sku}", Get)
        .WithTags("Cost book")
        .WithSummary("Read the landed cost of one unit of a model")
        .WithParameterExample("sku", _ => DocumentedReturn.Device.Sku);

    private static async Task<Results<Ok<UnitCostView>, NotFoundProblem>> Get(string sku, AccountingDb db, CancellationToken cancellationToken) =>
        await db.UnitCosts.AsNoTracking().SingleOrDefaultAsync(cost => cost.Sku == sku, cancellationToken) is { } cost
            ? TypedResults.Ok(new UnitCostView(cost.Sku, cost.LandedCost, cost.Currency))
            : Problems.NotFound("cost", sku);
}
