using EseErp.DemoData;
using EseErp.EventStore;
using EseErp.Manufacturing.BillsOfMaterials;
using EseErp.Registry;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EseErp.Manufacturing;

/// <summary>What was added.</summary>
public sealed record DemoBillsAdded(int BillsOfMaterials);

/// <summary>Demo bills of materials; only where <c>Ese:DemoData</c> is on.</summary>
public static class DemoDataApi
{
    public static void MapDemoData(this WebApplication app)
    {
        if (!app.Configuration.GetValue<bool>("Ese:DemoData")) return;
        app.MapPost("/demo-data", Seed).InTransaction().WithTags("Demo data")
            .WithSummary("Make the bills of materials of the demo products; existing ones stay")
            .WithExample(new DemoDataRequest());
    }

    // The products are the same for any number of orders.
    private static async Task<Ok<DemoBillsAdded>> Seed(DemoDataRequest request, RegistryDesk registry, TimeProvider clock, CancellationToken cancellationToken)
    {
        var products = DemoCatalogue.Create(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), request.Orders).Products;
        var bills = products.Select(product => new BillOfMaterials
        {
            Sku = product.Sku,
            Name = product.Name,
            Parts = product.BillOfMaterials
                .Select(part => new Part { PartSku = part.PartSku, Name = part.Name, Quantity = part.Quantity, UnitCost = part.UnitCost })
                .ToList(),
            FaultCodes = product.FaultCodes.ToList(),
        });
        return TypedResults.Ok(new DemoBillsAdded(await registry.AddMissing(bills, DemoDataRequest.User, cancellationToken)));
    }
}
