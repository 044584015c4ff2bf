using EseErp.Accounting.Costs;
using EseErp.DemoData;
using EseErp.EventStore;
using EseErp.Registry;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

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

    private static async Task<Ok<DemoCostsAdded>> Seed(DemoDataRequest request, RegistryDesk registry, TimeProvider clock, CancellationToken cancellationToken)
    {
        var products = DemoCatalogue.Create(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), request.Orders).Products;
        var costs = await registry.AddMissing(
            products.Select(product => new UnitCost { Sku = product.Sku, LandedCost = product.LandedCost, Currency = product.Currency }),
            DemoDataRequest.User, cancellationToken);
        return TypedResults.Ok(new DemoCostsAdded(costs));
    }
}
