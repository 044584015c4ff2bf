using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
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
            .WithDescription("Answers 201 with the document, also when the replacement is backordered. A known request stays unchanged; 409 with the differences when its content differs.")
            .WithExample(_ => new OpenShipmentRequest(DocumentedReturn.ReturnId, DocumentedReturn.Device.Sku, DocumentedReturn.Device.SerialNumber))
            .Rehearsed(
                StatusCodes.Status201Created,
                new OpenShipmentRequest(ReturnIds.Rehearsed, RehearsedReturn.Sku, RehearsedReturn.SerialNumber), headers: (Drivers.Header, ReturnIds.Rehearsed));
        requests.MapPost("/{returnId}/refund-authorized", RefundAuthorized).InTransaction()
            .WithSummary("Tell Inventory that Sales authorizes the refund, so that a replacement may leave in advance (traditional mode)");
        requests.MapPost("/{returnId}/cancel", Cancel).InTransaction().WithSummary("Call the return off: release or recall the replacement, expect no item (traditional mode)")
            .WithDescription("Inventory has the item, so it decides: 409 once the item has arrived, was waived or is overdue. A return that was refused or called off before stays as it is.")
            .WithExample(new ReasonGiven("The customer keeps the device."));
        requests.MapPost("/{returnId}/refund-rejected", RefundRejected).InTransaction()
            .WithSummary("Tell Inventory that a person at Sales declined: release or recall the replacement, even if the item has arrived (traditional mode)")
            .WithExample(new ReasonGiven("Declined on review."));
        requests.MapPost("/{returnId}/expire", Expire).InTransaction().WithSummary("Let a return expire whose item is overdue (traditional mode)")
            .WithDescription("409 when the item is not due yet, has arrived, or is no longer expected.");
        requests.MapPost("/{returnId}/waive", Waive).InTransaction().WithSummary("Do without the item: the return goes on as if it had come")
            .WithDescription("A person at Inventory calls this in event mode. In traditional mode report it to User Support (POST /returns/{id}/steps/item-waived), which calls this. 409 unless the item is expected, or when the device came back in another return.")
            .WithExample(new ReasonGiven("Sending it back costs more than it is worth."));
        requests.MapPost("/{returnId}/mismatch-accepted", MismatchAccepted).InTransaction()
            .WithSummary("Tell Inventory that Sales accepts another device, so that the replacement may leave (traditional mode)")
            .WithDescription("Without a body it is of the announced model.")
            .WithExample(_ => new ReportMismatchAccepted(DocumentedReturn.Device.SerialNumber, DocumentedReturn.Device.Sku));
        requests.MapPost("/{returnId}/sent-back-accepted", SentBackAccepted).InTransaction()
            .WithSummary("Tell Inventory that Sales accepts that the item goes back to the customer, so that the replacement may leave (traditional mode)");
        requests.MapPost("/{returnId}/item-diagnosed", ItemDiagnosed).InTransaction()
            .WithSummary("Tell Inventory what happens to the item: back to the shelf if it is as good as new; if it goes back to the customer, the replacement waits for Sales (traditional mode)")
            .WithExample(new ReportItemDiagnosed(Disposition.ReturnToStock));
        requests.MapPost("/{returnId}/delivered", Delivered).InTransaction().WithSummary("The carrier has delivered the replacement (both modes)")
            .WithDescription("409 unless the replacement is on its way.");
        requests.MapPost("/{returnId}/recalled-unit-returned", RecalledUnitReturned).InTransaction().WithSummary("A recalled replacement is back in the warehouse")
            .WithDescription("In traditional mode report it to User Support (POST /returns/{id}/steps/recalled-unit-returned), which calls this. 409 unless it was recalled.");
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

    private static async Task<Results<Created<ShipmentRequestView>, ConflictProblem>> Open(
        OpenShipmentRequest asked, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken)
    {
        await rows.Load([asked.ReturnId], ShipmentRequest.WantsReplacementFor(asked.Resolution) ? [asked.Sku] : [], cancellationToken);
        var request = await desk.Open(asked, CoordinationMode.Traditional, cancellationToken);
        return TypedResults.Created($"/shipment-requests/{Uri.EscapeDataString(request.ReturnId)}", request.View());
    }

    private static Task<Results<Ok<ShipmentRequestView>, NotFoundProblem, ConflictProblem>> RefundAuthorized(
        string returnId, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken) =>
        Apply(returnId, new OrderRefundAuthorized(returnId, "", 0, ""), desk, rows, cancellationToken);

    private static Task<Results<Ok<ShipmentRequestView>, NotFoundProblem, ConflictProblem>> Cancel(
        string returnId, ReasonGiven given, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken) => Try(
            // Closed already is as good as cancelled.
            returnId, request => request.ReceiptState == ReceiptState.Closed ? null : request.ReasonNotToCancel,
            request => desk.Apply(request, new ReturnCancelled(returnId, given.Reason), cancellationToken), desk, rows, cancellationToken, drives: true);

    private static Task<Results<Ok<ShipmentRequestView>, NotFoundProblem, ConflictProblem>> RefundRejected(
        string returnId, ReasonGiven given, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken) =>
        Apply(returnId, new OrderRefundRejected(returnId, [RejectionReason.DeclinedOnReview], given.Reason), desk, rows, cancellationToken);

    private static Task<Results<Ok<ShipmentRequestView>, NotFoundProblem, ConflictProblem>> Expire(
        string returnId, ShipmentDesk desk, ShipmentRows rows, TimeProvider clock, CancellationToken cancellationToken) => Try(
            returnId, request => request.ReasonNotToExpire(clock.GetUtcNow()), request => desk.Expire(request, cancellationToken), desk, rows, cancellationToken, drives: true);

    private static Task<Results<Ok<ShipmentRequestView>, NotFoundProblem, ConflictProblem>> Waive(
        string returnId, ReasonGiven given, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken) => Try(
            returnId, request => desk.ReasonNotToWaive(request, cancellationToken), request => desk.Waive(request, given.Reason, cancellationToken), desk, rows, cancellationToken);

    private static Task<Results<Ok<ShipmentRequestView>, NotFoundProblem, ConflictProblem>> MismatchAccepted(
        string returnId, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken, ReportMismatchAccepted? report = null) =>
        Apply(returnId, new ItemMismatchAccepted(returnId, null, report?.SerialNumber, report?.Sku), desk, rows, cancellationToken, restocks: true, report?.Sku);

    private static Task<Results<Ok<ShipmentRequestView>, NotFoundProblem, ConflictProblem>> SentBackAccepted(
        string returnId, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken) =>
        Apply(returnId, new SentBackAccepted(returnId, null), desk, rows, cancellationToken);

    private static Task<Results<Ok<ShipmentRequestView>, NotFoundProblem, ConflictProblem>> ItemDiagnosed(
        string returnId, ReportItemDiagnosed report, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken) =>
        Apply(returnId, new ItemDiagnosed(returnId, "", report.Disposition), desk, rows, cancellationToken, report.Disposition == Disposition.ReturnToStock);

    private static Task<Results<Ok<ShipmentRequestView>, NotFoundProblem, ConflictProblem>> Delivered(
        string returnId, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken) => Try(
            returnId, request => request.ReasonNotToDeliver, request =>
            {
                desk.Deliver(request);
                return Task.CompletedTask;
            }, desk, rows, cancellationToken);

    private static Task<Results<Ok<ShipmentRequestView>, NotFoundProblem, ConflictProblem>> RecalledUnitReturned(
        string returnId, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken) => Try(
            returnId, request => request.ReasonNotToTakeBack, request => desk.TakeBackReplacement(request, cancellationToken), desk, rows, cancellationToken);

    private static Task<Results<Ok<ShipmentRequestView>, NotFoundProblem, ConflictProblem>> Try(
        string returnId, Func<ShipmentRequest, string?> reasonNotTo, Func<ShipmentRequest, Task> act, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken,
        bool drives = false) => Try(returnId, request => Task.FromResult(reasonNotTo(request)), act, desk, rows, cancellationToken, drives);

    private static async Task<Results<Ok<ShipmentRequestView>, NotFoundProblem, ConflictProblem>> Try(
        string returnId, Func<ShipmentRequest, Task<string?>> reasonNotTo, Func<ShipmentRequest, Task> act, ShipmentDesk desk, ShipmentRows rows,
        CancellationToken cancellationToken, bool drives = false)
    {
        await rows.Load([returnId], [], cancellationToken);
        if (await (drives ? desk.FindDriven(returnId, cancellationToken) : desk.Find(returnId, cancellationToken).AsTask()) is not { } request)
            return Problems.NotFound("shipment request", returnId);
        if (await reasonNotTo(request) is { } reason) return Problems.Conflict(reason, new Dictionary<string, object?> { ["document"] = request.View() });
        await act(request);
        return TypedResults.Ok(request.View());
    }

    private static async Task<Results<Ok<ShipmentRequestView>, NotFoundProblem, ConflictProblem>> Apply(
        string returnId, object fact, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken, bool restocks = false, string? came = null)
    {
        await rows.Load([returnId], came is null ? [] : [came], cancellationToken, restocks ? [returnId] : []);
        if (await desk.FindDriven(returnId, cancellationToken) is not { } request) return Problems.NotFound("shipment request", returnId);
        await desk.Apply(request, fact, cancellationToken);
        return TypedResults.Ok(request.View());
    }
}
