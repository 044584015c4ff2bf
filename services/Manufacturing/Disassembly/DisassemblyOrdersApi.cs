using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.DemoData;
using EseErp.EventStore;
using EseErp.Manufacturing.BillsOfMaterials;
using EseErp.Manufacturing.Data;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>
/// Disassembly orders over HTTP. Opening, item-received, mismatch-accepted and cancel are how User Support drives a return in traditional mode;
/// in event mode the same desk is reached through events. Diagnosis and complete are for people at the workbench.
/// </summary>
public static class DisassemblyOrdersApi
{
    public static void MapDisassemblyOrders(this IEndpointRouteBuilder routes)
    {
        var orders = routes.MapGroup("/disassembly-orders").WithTags("Disassembly").WithParameterExample("returnId", DocumentedReturn.ReturnId);
        orders.MapGet("/", List).WithSummary("List disassembly orders, by state if asked");
        orders.MapGet("/{returnId}", Get).WithSummary("Read the disassembly order of a return");
        orders.MapPost("/", Open).InTransaction().WithSummary("Ask for an item to be diagnosed and taken apart (traditional mode)")
            .WithDescription("Answers 201 with the document. A known order stays unchanged; 409 with the differences when its content differs.")
            .WithExample(_ => new OpenDisassemblyOrder(DocumentedReturn.ReturnId, DocumentedReturn.Device.Sku, DocumentedReturn.Device.SerialNumber))
            .Rehearsed(
                StatusCodes.Status201Created,
                new OpenDisassemblyOrder(ReturnIds.Rehearsed, RehearsedReturn.Sku, RehearsedReturn.SerialNumber), headers: (Drivers.Header, ReturnIds.Rehearsed));
        orders.MapPost("/{returnId}/item-received", ItemReceived).InTransaction().WithSummary("Tell Manufacturing that the item is in (traditional mode)")
            .WithExample(_ => new ItemArrived(DocumentedReturn.Device.SerialNumber));
        orders.MapPost("/{returnId}/mismatch-accepted", MismatchAccepted).InTransaction()
            .WithSummary("Tell Manufacturing that Sales accepts another device (traditional mode)")
            .WithDescription("It is inspected and taken apart as the model that it is. Without a body it is of the announced model.")
            .WithExample(_ => new ReportMismatchAccepted(DocumentedReturn.Device.SerialNumber, DocumentedReturn.Device.Sku));
        orders.MapPost("/{returnId}/diagnosis", Diagnose).InTransaction().WithSummary("Record what is wrong with the item and what becomes of it")
            .WithDescription("Possible once the item has arrived. The fault code is one of the model (GET /bills-of-materials/{sku}) or NO_FAULT_FOUND; 422 names the possible ones. The same diagnosis again is no conflict, another one is.")
            .WithExample(_ => new RecordDiagnosis(DocumentedReturn.Product.FaultCodes[0], Disposition.Scrap));
        orders.MapPost("/{returnId}/complete", Complete).InTransaction().WithSummary("Record the parts that were taken out and the work it took")
            .WithDescription("Possible once the item is diagnosed as scrap or refurbish. Parts must be on the bill of materials, and not more than it lists.")
            .WithExample(_ => new CompleteDisassembly([new RecoveredPart(DocumentedReturn.Product.BillOfMaterials[0].PartSku, PartQuality.Good)], 20));
        orders.MapPost("/{returnId}/cancel", Cancel).InTransaction().WithSummary("Cancel an order whose item was not inspected yet (traditional mode)")
            .WithExample(new ReasonGiven("The customer keeps the device."));
    }

    private static async Task<Ok<Page<DisassemblyOrderView>>> List(
        ManufacturingDb db, [AsParameters] Paging paging, CancellationToken cancellationToken, DisassemblyState? state = null)
    {
        var orders = await db.DisassemblyOrders.AsNoTracking()
            .Where(order => (state == null || order.State == state) && (paging.After == null || string.Compare(order.ReturnId, paging.After) > 0))
            .OrderBy(order => order.ReturnId)
            .Take(paging.Size + 1)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Page.Of(orders.Select(order => order.View()), paging.Size, order => order.ReturnId));
    }

    private static async Task<Results<Ok<DisassemblyOrderView>, NotFoundProblem>> Get(string returnId, ManufacturingDb db, CancellationToken cancellationToken) =>
        await db.DisassemblyOrders.AsNoTracking().SingleOrDefaultAsync(order => order.ReturnId == returnId, cancellationToken) is { } order
            ? TypedResults.Ok(order.View())
            : NotFound(returnId);

    private static async Task<Results<Created<DisassemblyOrderView>, ConflictProblem>> Open(OpenDisassemblyOrder asked, DisassemblyDesk desk, CancellationToken cancellationToken)
    {
        var order = await desk.Open(asked, CoordinationMode.Traditional, cancellationToken);
        return TypedResults.Created($"/disassembly-orders/{Uri.EscapeDataString(order.ReturnId)}", order.View());
    }

    private static Task<Results<Ok<DisassemblyOrderView>, NotFoundProblem, ConflictProblem>> ItemReceived(
        string returnId, ItemArrived item, DisassemblyDesk desk, CancellationToken cancellationToken) =>
        Apply(returnId, new ItemReceived(returnId, item.SerialNumber, ""), desk, cancellationToken);

    private static Task<Results<Ok<DisassemblyOrderView>, NotFoundProblem, ConflictProblem>> MismatchAccepted(
        string returnId, DisassemblyDesk desk, CancellationToken cancellationToken, ReportMismatchAccepted? report = null) =>
        Apply(returnId, new ItemMismatchAccepted(returnId, null, report?.SerialNumber, report?.Sku), desk, cancellationToken);

    private static Task<Results<Ok<DisassemblyOrderView>, NotFoundProblem, ConflictProblem>> Cancel(
        string returnId, ReasonGiven given, DisassemblyDesk desk, CancellationToken cancellationToken) =>
        Apply(returnId, new ReturnCancelled(returnId, given.Reason), desk, cancellationToken);

    private static async Task<Results<Ok<DisassemblyOrderView>, NotFoundProblem, ConflictProblem>> Apply(
        string returnId, object fact, DisassemblyDesk desk, CancellationToken cancellationToken)
    {
        if (await desk.FindDriven(returnId, cancellationToken) is not { } order) return NotFound(returnId);
        desk.Apply(order, fact);
        return TypedResults.Ok(order.View());
    }

    private static async Task<Results<Ok<DisassemblyOrderView>, NotFoundProblem, ConflictProblem, UnprocessableProblem>> Diagnose(
        string returnId, RecordDiagnosis diagnosis, DisassemblyDesk desk, ManufacturingDb db, CancellationToken cancellationToken)
    {
        if (await desk.Find(returnId, cancellationToken) is not { } order) return NotFound(returnId);
        if (order.ReasonNotToDiagnose(diagnosis) is { } reason) return Problems.Conflict(reason);
        // One that is on record was checked when it was recorded.
        if (order.State == DisassemblyState.Received && FaultCheck.ProblemOf(diagnosis.FaultCode, await BillOf(order, db, cancellationToken)) is { } problem)
            return Problems.Unprocessable(problem.Field, problem.Reason);
        desk.Diagnose(order, diagnosis);
        return TypedResults.Ok(order.View());
    }

    private static async Task<Results<Ok<DisassemblyOrderView>, NotFoundProblem, ConflictProblem, UnprocessableProblem>> Complete(
        string returnId, CompleteDisassembly done, DisassemblyDesk desk, ManufacturingDb db, CancellationToken cancellationToken)
    {
        if (await desk.Find(returnId, cancellationToken) is not { } order) return NotFound(returnId);
        if (order.ReasonNotToTakeApart is { } reason) return Problems.Conflict(reason);
        var bill = await BillOf(order, db, cancellationToken);
        if (PartsCheck.FirstProblem(done.Parts, bill) is { } problem) return Problems.Unprocessable(problem.Field, problem.Reason);
        desk.TakeApart(order, done, bill);
        return TypedResults.Ok(order.View());
    }

    private static async Task<BillOfMaterials> BillOf(DisassemblyOrder order, ManufacturingDb db, CancellationToken cancellationToken) =>
        await db.BillsOfMaterials.AsNoTracking().SingleOrDefaultAsync(known => known.Sku == order.ItemSku, cancellationToken) ?? BillOfMaterials.Unknown(order.ItemSku);

    private static NotFoundProblem NotFound(string returnId) => Problems.NotFound("disassembly order", returnId);
}
