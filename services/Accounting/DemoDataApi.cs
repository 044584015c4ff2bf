using EseErp.Accounting.Data;
using EseErp.DemoData;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Accounting;

/// <summary>What was added.</summary>
public sealed record DemoCostsAdded(int Costs);

/// <summary>The cost book of the demo catalogue; only where <c>Ese:DemoData</c> is on.</summary>
public static class DemoDataApi
{
    public static void MapDemoData(this WebApplication app)
    {
        if (!app.Configuration.GetValue<bool>("Ese:DemoData")) return;
        app.MapPost("/demo-data", Seed).InTransaction().WithTags("Demo data").WithSummary("Add the landed costs of the demo catalogue; those that are there stay")
            .WithExample(new DemoDataRequest());
    }

    private static async Task<Ok<DemoCostsAdded>> Seed(DemoDataRequest request, AccountingDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var products = DemoCatalogue.Create(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), request.Orders).Products;
        var costs = await db.Database.ExecuteSqlAsync(
            $"""
            insert into unit_costs (sku, landed_cost, currency)
            select * from unnest({products.Select(product => product.Sku).ToArray()}, {products.Select(product => product.LandedCost).ToArray()},
                                 {products.Select(product => product.Currency).ToArray()})
            on conflict (sku) do nothing
            """, cancellationToken);
        return TypedResults.Ok(new DemoCostsAdded(costs));
    }
}
