using System.ComponentModel.DataAnnotations;
using EseErp.Contracts.Inventory;
using EseErp.DemoData;
using EseErp.EventStore;
using EseErp.Inventory.Data;
using EseErp.Inventory.Shipments;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Inventory.Stock;

/// <summary>New units are in (<c>POST /stock/{sku}/replenish</c>).</summary>
/// <param name="Quantity">Whole units, 1 to 1,000,000.</param>
public sealed record ReplenishStock([property: Range(1, 1_000_000)] int Quantity);

/// <summary>A model is kept in stock from now on.</summary>
/// <param name="Sku">1 to 40 capital letters, digits and hyphens.</param>
public sealed record KeepInStock([property: Required, StringLength(40), RegularExpression(@"\A[A-Z0-9][A-Z0-9-]*\z")] string Sku);

public static class StockApi
{
    public static void MapStock(this IEndpointRouteBuilder routes)
    {
        var stock = routes.MapGroup("/stock").WithTags("Stock").WithParameterExample("sku", _ => DocumentedReturn.Device.Sku);
        stock.MapGet("/", List).WithSummary("List stock by model");
        stock.MapGet("/{sku}", Get).WithSummary("Read the stock of one model");
        stock.MapPost("/", Keep).InTransaction().WithSummary("Keep a model in stock from now on, with no unit at first; one that is kept already stays as it is")
            .WithDescription("A return does not add a model to the stock: a replacement of an unknown model waits, and so does an item that should go to its shelf.")
            .WithExample(_ => new KeepInStock(DocumentedReturn.Device.Sku));
        stock.MapPost("/{sku}/replenish", Replenish).InTransaction().WithSummary("Add units; they go to backordered replacements first, first in, first out")
            .WithExample(new ReplenishStock(10));
    }

    private static async Task<Ok<Page<StockItemView>>> List(InventoryDb db, [AsParameters] Paging paging, CancellationToken cancellationToken)
    {
        var items = await db.StockItems.AsNoTracking()
            .Where(item => paging.After == null || string.Compare(item.Sku, paging.After) > 0)
            .OrderBy(item => item.Sku)
            .Take(paging.Size + 1)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Page.Of(items.Select(item => item.View()), paging.Size, item => item.Sku));
    }

    private static async Task<Results<Ok<StockItemView>, NotFoundProblem>> Get(string sku, InventoryDb db, CancellationToken cancellationToken) =>
        await db.StockItems.AsNoTracking().SingleOrDefaultAsync(item => item.Sku == sku, cancellationToken) is { } item
            ? TypedResults.Ok(item.View())
            : Problems.NotFound("stock of the model", sku);

    private static async Task<Ok<StockItemView>> Keep(
        KeepInStock model, ShipmentDesk desk, ShipmentRows rows, Documents documents, CancellationToken cancellationToken)
    {
        await rows.OpenStock([model.Sku], cancellationToken);
        var stock = (await documents.Find<StockItem>(model.Sku, cancellationToken))!;
        // Also where it is kept already: so no item is left beside a shelf that is there.
        await desk.BeginStock(stock, cancellationToken);
        return TypedResults.Ok(stock.View());
    }

    private static async Task<Results<Ok<StockItemView>, NotFoundProblem, UnprocessableProblem>> Replenish(
        string sku, ReplenishStock units, ShipmentDesk desk, Documents documents, CancellationToken cancellationToken)
    {
        if (await documents.Find<StockItem>(sku, cancellationToken) is not { } item) return Problems.NotFound("stock of the model", sku);
        if (!item.HasRoomFor(units.Quantity)) return Problems.Unprocessable("quantity", $"must keep the stock of a model at {StockItem.LargestStock} devices or less");
        await desk.Replenish(item, units.Quantity, cancellationToken);
        return TypedResults.Ok(item.View());
    }
}
