using EseErp.DemoData;
using EseErp.EventStore;
using EseErp.Inventory.Locations;
using EseErp.Inventory.Shipments;
using EseErp.Inventory.Stock;
using EseErp.Registry;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EseErp.Inventory;

/// <summary>How many units of a model the demo data has brought in so far.</summary>
public sealed class DemoStock
{
    public required string Sku { get; init; }

    public int Quantity { get; set; }
}

/// <summary>What was added.</summary>
public sealed record DemoStockAdded(int StockItems, int Units);

/// <summary>Demo stock; only where <c>Ese:DemoData</c> is on.</summary>
public static class DemoDataApi
{
    public static void MapDemoData(this WebApplication app)
    {
        if (!app.Configuration.GetValue<bool>("Ese:DemoData")) return;
        app.MapPost("/demo-data", Seed).InTransaction().WithTags("Demo data")
            .WithSummary("Make the warehouses, and stock for a number of demo orders; if there was less before, the difference is added")
            .WithExample(new DemoDataRequest());
    }

    // What was seeded is remembered apart from the stock, which has moved on since: only the difference is added, and it
    // comes in like any other delivery, so that those who wait are served.
    private static async Task<Ok<DemoStockAdded>> Seed(
        DemoDataRequest request, ShipmentRows rows, ShipmentDesk desk, Documents documents, RegistryDesk registry, TimeProvider clock, CancellationToken cancellationToken)
    {
        var catalogue = DemoCatalogue.Create(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), request.Orders);
        await registry.AddMissing(catalogue.Locations.Select(location => new Location(location.Code, location.Name, location.Country)), DemoDataRequest.User, cancellationToken);
        var products = catalogue.Products;
        var skus = products.Select(product => product.Sku).ToList();
        // Also makes two seedings at once queue: the stock is locked before what was seeded is read.
        foreach (var begun in await rows.OpenStock(skus, cancellationToken)) await desk.BeginStock(begun, cancellationToken);
        await documents.Load<DemoStock>(skus, cancellationToken);
        var (items, units) = (0, 0);
        foreach (var product in products)
        {
            if (await documents.Find<DemoStock>(product.Sku, cancellationToken) is not { } seeded)
            {
                seeded = new DemoStock { Sku = product.Sku };
                documents.Add(seeded.Sku, seeded);
                items++;
            }

            var missing = product.InitialStock - seeded.Quantity;
            if (missing <= 0) continue;
            seeded.Quantity = product.InitialStock;
            units += missing;
            await desk.Replenish((await documents.Find<StockItem>(product.Sku, cancellationToken))!, missing, cancellationToken);
        }

        return TypedResults.Ok(new DemoStockAdded(items, units));
    }
}
