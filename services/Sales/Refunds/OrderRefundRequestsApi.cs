using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.DemoData;
using EseErp.EventStore;
using EseErp.Sales.Data;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Sales.Refunds;

/// <summary>
/// Refunds over HTTP. The POSTs are how User Support drives a return in traditional mode; in event mode the same desk is
/// reached through events.
/// </summary>
public static class OrderRefundRequestsApi
{
    public static void MapOrderRefundRequests(this IEndpointRouteBuilder routes)
    {
        var refunds = routes.MapGroup("/order-refund-requests").WithTags("Refunds").WithParameterExample("returnId", DocumentedReturn.ReturnId);
        refunds.MapGet("/", List).WithSummary("List refund requests, by state if asked");
        refunds.MapGet("/{returnId}", Get).WithSummary("Read the refund request of a return");
        refunds.MapPost("/", Open).InTransaction().WithSummary("Ask for a refund (traditional mode)")
            .WithDescription("Answers 201 with the document when it is authorized, 409 with all reasons when it is rejected, and 409 with the differences when the id has another request.")
            .WithExample(_ => Example())
            // Nobody has sold the device.
            .Rehearsed(
                StatusCodes.Status409Conflict,
                new OpenOrderRefundRequest(
                    ReturnIds.Rehearsed, RehearsedReturn.OrderId, RehearsedReturn.LineId, RehearsedReturn.Sku, RehearsedReturn.SerialNumber, ReturnReason.Defective),
                headers: (Drivers.Header, ReturnIds.Rehearsed));
        refunds.MapPost("/{returnId}/approve", Approve).InTransaction().WithSummary("Approve what is under review (a person at Sales, in both modes)")
            .WithDescription("Approves what is under review: an amount above the limit is authorized; another device than announced is accepted and is the returned one from then on; an item may go back to the customer; money paid for a return that ended stays with the customer. 409 when there is nothing to decide, when the device is in another return, or when nothing is left to pay for it.")
            .WithExample(new ReviewDecision("Checked with the customer."));
        refunds.MapPost("/{returnId}/decline", Decline).InTransaction().WithSummary("Decline what is under review (a person at Sales, in both modes)")
            .WithDescription("The refund is rejected. A refund that was paid must be recovered; decline again to say that it was. 409 when there is nothing to decide.")
            .WithExample(new ReviewDecision("The customer agreed to keep the device."));
        refunds.MapPost("/{returnId}/item-received", ItemReceived).InTransaction().WithSummary("Tell Sales that the item is in (traditional mode)")
            .WithDescription("Another serial number than announced puts the refund under review. Without a body it is the announced one.")
            .WithExample(_ => new ReportItemReceived(DocumentedReturn.Device.SerialNumber));
        refunds.MapPost("/{returnId}/replacement-shipped", ReplacementShipped).InTransaction()
            .WithSummary("Tell Sales that the replacement has left, and by which serial number it can be returned (traditional mode)")
            .WithExample(_ => new ReportReplacementShipped($"{DocumentedReturn.Device.Sku}-R2026-000001", DocumentedReturn.Device.Sku));
        refunds.MapPost("/{returnId}/item-waived", ItemWaived).InTransaction().WithSummary("Tell Sales that the item need not come back (traditional mode)");
        refunds.MapPost("/{returnId}/item-diagnosed", ItemDiagnosed).InTransaction().WithSummary("Tell Sales that the item was inspected (traditional mode)")
            .WithDescription("An item that goes back to the customer puts the refund under review.")
            .WithExample(new ReportItemDiagnosed(Disposition.Scrap));
        refunds.MapPost("/{returnId}/void", Void).InTransaction().WithSummary("Take back a refund, as the return ended (traditional mode)")
            .WithDescription("An unpaid refund will not be paid. For a paid one the answer is ManualReview: a person decides whether the money must come back.")
            .WithExample(new ReasonGiven("The customer keeps the device."));
    }

    private static OpenOrderRefundRequest Example()
    {
        var device = DocumentedReturn.Device;
        return new OpenOrderRefundRequest(
            DocumentedReturn.ReturnId, device.OrderId, device.LineId, device.Sku, device.SerialNumber, ReturnReason.WarrantyClaim);
    }

    private static async Task<Ok<Page<OrderRefundRequestView>>> List(
        SalesDb db, [AsParameters] Paging paging, CancellationToken cancellationToken, OrderRefundState? state = null)
    {
        var refunds = await db.OrderRefundRequests.AsNoTracking()
            .Where(refund => (state == null || refund.State == state) && (paging.After == null || string.Compare(refund.ReturnId, paging.After) > 0))
            .OrderBy(refund => refund.ReturnId)
            .Take(paging.Size + 1)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Page.Of(refunds.Select(refund => refund.View()), paging.Size, refund => refund.ReturnId));
    }

    private static async Task<Results<Ok<OrderRefundRequestView>, NotFoundProblem>> Get(string returnId, SalesDb db, CancellationToken cancellationToken) =>
        await db.OrderRefundRequests.AsNoTracking().SingleOrDefaultAsync(refund => refund.ReturnId == returnId, cancellationToken) is { } refund
            ? TypedResults.Ok(refund.View())
            : Problems.NotFound("refund request", returnId);

    private static async Task<Results<Created<OrderRefundRequestView>, ConflictProblem>> Open(
        OpenOrderRefundRequest request, RefundDesk desk, CancellationToken cancellationToken)
    {
        var refund = await desk.Open(request, CoordinationMode.Traditional, cancellationToken);
        return refund.State == OrderRefundState.Rejected
            ? Problems.Conflict("Sales rejects the refund.", new Dictionary<string, object?> { ["reasons"] = refund.Reasons, ["document"] = refund.View() })
            : TypedResults.Created($"/order-refund-requests/{Uri.EscapeDataString(refund.ReturnId)}", refund.View());
    }

    private static Task<Results<Ok<OrderRefundRequestView>, NotFoundProblem, ConflictProblem>> Approve(
        string returnId, RefundDesk desk, CancellationToken cancellationToken, ReviewDecision? decision = null) =>
        Review(returnId, refund => desk.Approve(refund, decision?.Note, cancellationToken), desk, cancellationToken);

    private static Task<Results<Ok<OrderRefundRequestView>, NotFoundProblem, ConflictProblem>> Decline(
        string returnId, RefundDesk desk, CancellationToken cancellationToken, ReviewDecision? decision = null) =>
        Review(returnId, async refund =>
        {
            await desk.Decline(refund, decision?.Note, cancellationToken);
            return null;
        }, desk, cancellationToken);

    private static async Task<Results<Ok<OrderRefundRequestView>, NotFoundProblem, ConflictProblem>> Review(
        string returnId, Func<OrderRefundRequest, Task<RejectionReason?>> decide, RefundDesk desk, CancellationToken cancellationToken)
    {
        if (await desk.Find(returnId, cancellationToken) is not { } refund) return Problems.NotFound("refund request", returnId);
        if (refund.ReasonNotToReview is { } reason) return Problems.Conflict(reason, new Dictionary<string, object?> { ["document"] = refund.View() });
        if (await decide(refund) is not { } against) return TypedResults.Ok(refund.View());
        return Problems.Conflict(
            against == RejectionReason.AlreadyReturned ? "The device that came is in another return." : "Nothing is left of what was paid for the device that came.",
            new Dictionary<string, object?> { ["reasons"] = new[] { against }, ["document"] = refund.View() });
    }

    private static async Task<Results<Ok<OrderRefundRequestView>, NotFoundProblem, ConflictProblem>> ItemReceived(
        string returnId, RefundDesk desk, CancellationToken cancellationToken, ReportItemReceived? report = null)
    {
        if (await desk.FindDriven(returnId, cancellationToken) is not { } refund) return Problems.NotFound("refund request", returnId);
        await desk.Apply(refund, new ItemReceived(returnId, report?.SerialNumber ?? refund.SerialNumber, ""), cancellationToken);
        return TypedResults.Ok(refund.View());
    }

    private static Task<Results<Ok<OrderRefundRequestView>, NotFoundProblem, ConflictProblem>> ReplacementShipped(
        string returnId, ReportReplacementShipped report, RefundDesk desk, CancellationToken cancellationToken) =>
        Apply(returnId, new ReplacementShipped(returnId, report.Sku, report.SerialNumber), desk, cancellationToken);

    private static Task<Results<Ok<OrderRefundRequestView>, NotFoundProblem, ConflictProblem>> ItemWaived(
        string returnId, RefundDesk desk, CancellationToken cancellationToken) =>
        Apply(returnId, new ItemWaived(returnId, ""), desk, cancellationToken);

    private static Task<Results<Ok<OrderRefundRequestView>, NotFoundProblem, ConflictProblem>> ItemDiagnosed(
        string returnId, RefundDesk desk, CancellationToken cancellationToken, ReportItemDiagnosed? report = null) =>
        Apply(returnId, new ItemDiagnosed(returnId, "", report?.Disposition ?? Disposition.Scrap), desk, cancellationToken);

    private static Task<Results<Ok<OrderRefundRequestView>, NotFoundProblem, ConflictProblem>> Void(
        string returnId, ReasonGiven given, RefundDesk desk, CancellationToken cancellationToken) =>
        Apply(returnId, new ReturnCancelled(returnId, given.Reason), desk, cancellationToken);

    private static async Task<Results<Ok<OrderRefundRequestView>, NotFoundProblem, ConflictProblem>> Apply(
        string returnId, object fact, RefundDesk desk, CancellationToken cancellationToken)
    {
        if (await desk.FindDriven(returnId, cancellationToken) is not { } refund) return Problems.NotFound("refund request", returnId);
        await desk.Apply(refund, fact, cancellationToken);
        return TypedResults.Ok(refund.View());
    }
}
