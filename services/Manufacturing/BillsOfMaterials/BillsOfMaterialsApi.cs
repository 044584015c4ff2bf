using EseErp.DemoData;
using EseErp.Manufacturing.Data;
using EseErp.Manufacturing.Disassembly;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EseErp.Manufacturing.BillsOfMaterials;

/// <summary>A bill of materials as Manufacturing shows it.</summary>
/// <param name="Currency">ISO 4217, of all unit costs.</param>
public sealed record BillOfMaterialsView(string Sku, string Name, string Currency, IReadOnlyList<PartView> Parts, IReadOnlyList<string> FaultCodes);

/// <summary>A part of one device. <paramref name="Quantity"/> is the most that can be taken out of it.</summary>
public sealed record PartView(string PartSku, string Name, int Quantity, decimal UnitCost);

public static class BillsOfMaterialsApi
{
    public static void MapBillsOfMaterials(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/bills-of-materials/{sku}", Get).WithTags("Bills of materials").WithSummary("What a model is made of, and what breaks in it")
            .WithParameterExample("sku", _ => DocumentedReturn.Device.Sku);

    private static async Task<Results<Ok<BillOfMaterialsView>, NotFoundProblem>> Get(
        string sku, ManufacturingDb db, IOptions<DisassemblyOptions> options, CancellationToken cancellationToken) =>
        await db.BillsOfMaterials.AsNoTracking().SingleOrDefaultAsync(bill => bill.Sku == sku, cancellationToken) is { } bill
            ? TypedResults.Ok(new BillOfMaterialsView(
                bill.Sku, bill.Name, options.Value.Currency,
                bill.Parts.Select(part => new PartView(part.PartSku, part.Name, part.Quantity, part.UnitCost)).ToList(), bill.FaultCodes))
            : Problems.NotFound("bill of materials", sku);
}
