using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.DemoData;
using EseErp.EventStore;
using EseErp.Inventory.Data;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Inventory.Shipments;

/// <summary>
/// Shipment requests over HTTP. The POSTs are how User Support drives a return in traditional mode; in event mode the same
/// desk is reached through events.
/// </summary>
public static class ShipmentRequestsApi
{
    public static void MapShipmentRequests(this IEndpointRouteBuilder routes)
    {
        var requests = routes.MapGroup("/shipment-requests").WithTags("Shipments").WithParameterExample("returnId", DocumentedReturn.ReturnId);
        requests.MapGet("/", List).WithSummary("List shipment requests, by state of the replacement if asked");
        requests.MapGet("/{returnId}", Get).WithSummary("Read the shipment request of a return");
        requests.MapPost("/", Open).InTransaction().WithSummary("Expect the item and set a replacement aside (traditional mode)")
            .WithDescription("Answers 201 with the document, also when the replacement is backordered. A request that is known is left as it is.")
            .WithExample(_ => new OpenShipmentRequest(DocumentedReturn.ReturnId, DocumentedReturn.Device.Sku, DocumentedReturn.Device.SerialNumber));
        requests.MapPost("/{returnId}/refund-authorized", RefundAuthorized).InTransaction()
            .WithSummary("Tell Inventory that Sales agrees to the refund, so that a replacement may leave in advance (traditional mode)");
        requests.MapPost("/{returnId}/cancel", Cancel).InTransaction()
            .WithSummary("Call off what is not shipped yet: release the replacement, expect no item (traditional mode)")
            .WithExample(new ReasonGiven("The customer keeps the device."));
    }

    private static async Task<Ok<Page<ShipmentRequestView>>> List(
        InventoryDb db, [AsParameters] Paging paging, CancellationToken cancellationToken, ShipmentState? state = null)
    {
        var requests = await db.ShipmentRequests.AsNoTracking()
            .Where(request => (state == null || request.State == state) && (paging.After == null || string.Compare(request.ReturnId, paging.After) > 0))
            .OrderBy(request => request.ReturnId)
            .Take(paging.Size + 1)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Page.Of(requests.Select(request => request.View()), paging.Size, request => request.ReturnId));
    }

    private static async Task<Results<Ok<ShipmentRequestView>, NotFoundProblem>> Get(string returnId, InventoryDb db, CancellationToken cancellationToken) =>
        await db.ShipmentRequests.AsNoTracking().SingleOrDefaultAsync(request => request.ReturnId == returnId, cancellationToken) is { } request
            ? TypedResults.Ok(request.View())
            : Problems.NotFound("shipment request", returnId);

    private static async Task<Created<ShipmentRequestView>> Open(
        OpenShipmentRequest asked, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken)
    {
        await rows.Load([asked.ReturnId], ShipmentRequest.WantsReplacementFor(asked.Resolution) ? [asked.Sku] : [], cancellationToken);
        var request = await desk.Open(asked, CoordinationMode.Traditional, cancellationToken);
        return TypedResults.Created($"/shipment-requests/{Uri.EscapeDataString(request.ReturnId)}", request.View());
    }

    private static Task<Results<Ok<ShipmentRequestView>, NotFoundProblem>> RefundAuthorized(
        string returnId, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken) =>
        Apply(returnId, new OrderRefundAuthorized(returnId, "", 0, ""), desk, rows, cancellationToken);

    private static Task<Results<Ok<ShipmentRequestView>, NotFoundProblem>> Cancel(
        string returnId, ReasonGiven given, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken) =>
        Apply(returnId, new ReturnCancelled(returnId, given.Reason), desk, rows, cancellationToken);

    private static async Task<Results<Ok<ShipmentRequestView>, NotFoundProblem>> Apply(
        string returnId, object fact, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken)
    {
        await rows.Load([returnId], [], cancellationToken);
        if (await desk.Find(returnId, cancellationToken) is not { } request) return Problems.NotFound("shipment request", returnId);
        await desk.Apply(request, fact, cancellationToken);
        return TypedResults.Ok(request.View());
    }
}
