using EseErp.Accounting.Data;
using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.DemoData;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Accounting.Disposals;

/// <summary>
/// Disposals over HTTP. The POSTs are how User Support drives a return in traditional mode; in event mode the same desk is
/// reached through events. What was reported before is answered with the present document and booked once.
/// </summary>
public static class AssetDisposalsApi
{
    public static void MapAssetDisposals(this IEndpointRouteBuilder routes)
    {
        var disposals = routes.MapGroup("/asset-disposals").WithTags("Disposals").WithParameterExample("returnId", DocumentedReturn.ReturnId);
        disposals.MapGet("/", List).WithSummary("List disposals, by state if asked");
        disposals.MapGet("/{returnId}", Get).WithSummary("Read the disposal of a return");
        disposals.MapPost("/", Open).InTransaction().WithSummary("Provide for the disposal of a unit at its landed cost (traditional mode)")
            .WithExample(_ => new OpenAssetDisposal(
                DocumentedReturn.ReturnId, DocumentedReturn.Device.Sku, DocumentedReturn.Device.SerialNumber, DocumentedReturn.Device.CostCenter))
            .Rehearsed(
                StatusCodes.Status201Created,
                new OpenAssetDisposal(ReturnIds.Rehearsed, RehearsedReturn.Sku, RehearsedReturn.SerialNumber, RehearsedReturn.CostCenter),
                headers: (Drivers.Header, ReturnIds.Rehearsed));
        disposals.MapPost("/{returnId}/refund-issued", RefundIssued).InTransaction().WithSummary("Tell Accounting that the refund was paid (traditional mode)")
            .WithExample(new ReportRefundIssued(119.90m, "EUR"));
        disposals.MapPost("/{returnId}/item-received", ItemReceived).InTransaction().WithSummary("Tell Accounting that the item is in (traditional mode)");
        disposals.MapPost("/{returnId}/mismatch-accepted", MismatchAccepted).InTransaction()
            .WithSummary("Tell Accounting that Sales accepts another device: the item is valued as that device (traditional mode)")
            .WithExample(_ => new ReportMismatchAccepted(DocumentedReturn.Device.SerialNumber, DocumentedReturn.Device.Sku));
        disposals.MapPost("/{returnId}/replacement-shipped", ReplacementShipped).InTransaction().WithSummary("Tell Accounting that the replacement has left (traditional mode)");
        disposals.MapPost("/{returnId}/item-diagnosed", ItemDiagnosed).InTransaction().WithSummary("Tell Accounting what becomes of the item (traditional mode)")
            .WithDescription("A device that is not scrapped is not disposed of; 409 when it was taken apart already.")
            .WithExample(new ReportItemDiagnosed(Disposition.Scrap));
        disposals.MapPost("/{returnId}/disassembly-completed", DisassemblyCompleted).InTransaction().WithSummary("Tell Accounting that the item was taken apart (traditional mode)")
            .WithDescription("Posts the disposal; 409 when it was reversed.")
            .WithExample(new ReportDisassemblyCompleted(12.40m, 14.50m, "EUR"));
        disposals.MapPost("/{returnId}/refund-rejected", RefundRejected).InTransaction()
            .WithSummary("Tell Accounting that a person at Sales declined: an item that has arrived goes back to the customer (traditional mode)")
            .WithExample(new ReasonGiven("Declined on review."));
        disposals.MapPost("/{returnId}/refund-recovered", RefundRecovered).InTransaction()
            .WithSummary("Tell Accounting that the customer gave the money back: the entry of the refund is taken back (traditional mode)");
        disposals.MapPost("/{returnId}/recalled-unit-returned", RecalledUnitReturned).InTransaction()
            .WithSummary("Tell Accounting that a recalled replacement is back: the entry of its shipment is taken back (traditional mode)");
        disposals.MapPost("/{returnId}/reverse", Reverse).InTransaction().WithSummary("Take a disposal back, and its entry if it is posted")
            .WithExample(new ReasonGiven("The customer keeps the device."));
    }

    private static async Task<Ok<Page<AssetDisposalView>>> List(
        AccountingDb db, [AsParameters] Paging paging, CancellationToken cancellationToken, AssetDisposalState? state = null)
    {
        var disposals = await db.AssetDisposals.AsNoTracking()
            .Where(disposal => (state == null || disposal.State == state) && (paging.After == null || string.Compare(disposal.ReturnId, paging.After) > 0))
            .OrderBy(disposal => disposal.ReturnId)
            .Take(paging.Size + 1)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Page.Of(disposals.Select(disposal => disposal.View()), paging.Size, disposal => disposal.ReturnId));
    }

    private static async Task<Results<Ok<AssetDisposalView>, NotFoundProblem>> Get(string returnId, AccountingDb db, CancellationToken cancellationToken) =>
        await db.AssetDisposals.AsNoTracking().SingleOrDefaultAsync(disposal => disposal.ReturnId == returnId, cancellationToken) is { } disposal
            ? TypedResults.Ok(disposal.View())
            : Problems.NotFound("asset disposal", returnId);

    private static async Task<Results<Created<AssetDisposalView>, ConflictProblem>> Open(OpenAssetDisposal request, DisposalDesk desk, CancellationToken cancellationToken)
    {
        var disposal = await desk.Open(request, CoordinationMode.Traditional, cancellationToken);
        return TypedResults.Created($"/asset-disposals/{Uri.EscapeDataString(disposal.ReturnId)}", disposal.View());
    }

    private static Task<Results<Ok<AssetDisposalView>, NotFoundProblem, ConflictProblem, BadRequestProblem>> RefundIssued(
        string returnId, ReportRefundIssued report, DisposalDesk desk, CancellationToken cancellationToken) =>
        Apply(returnId, new RefundIssued(returnId, report.Amount, report.Currency), desk, cancellationToken);

    private static Task<Results<Ok<AssetDisposalView>, NotFoundProblem, ConflictProblem, BadRequestProblem>> ItemReceived(
        string returnId, DisposalDesk desk, CancellationToken cancellationToken) =>
        Apply(returnId, new ItemReceived(returnId, "", ""), desk, cancellationToken);

    private static Task<Results<Ok<AssetDisposalView>, NotFoundProblem, ConflictProblem, BadRequestProblem>> MismatchAccepted(
        string returnId, ReportMismatchAccepted report, DisposalDesk desk, CancellationToken cancellationToken) =>
        Apply(returnId, new ItemMismatchAccepted(returnId, null, report.SerialNumber, report.Sku), desk, cancellationToken);

    private static Task<Results<Ok<AssetDisposalView>, NotFoundProblem, ConflictProblem, BadRequestProblem>> ReplacementShipped(
        string returnId, DisposalDesk desk, CancellationToken cancellationToken) =>
        Apply(returnId, new ReplacementShipped(returnId, ""), desk, cancellationToken);

    private static Task<Results<Ok<AssetDisposalView>, NotFoundProblem, ConflictProblem, BadRequestProblem>> ItemDiagnosed(
        string returnId, ReportItemDiagnosed report, DisposalDesk desk, CancellationToken cancellationToken) =>
        Apply(returnId, new ItemDiagnosed(returnId, "", report.Disposition), desk, cancellationToken);

    private static Task<Results<Ok<AssetDisposalView>, NotFoundProblem, ConflictProblem, BadRequestProblem>> DisassemblyCompleted(
        string returnId, ReportDisassemblyCompleted report, DisposalDesk desk, CancellationToken cancellationToken) =>
        Apply(returnId, new DisassemblyCompleted(returnId, report.RecoveredValue, report.LabourCost, report.Currency), desk, cancellationToken);

    private static Task<Results<Ok<AssetDisposalView>, NotFoundProblem, ConflictProblem, BadRequestProblem>> RefundRejected(
        string returnId, ReasonGiven given, DisposalDesk desk, CancellationToken cancellationToken) =>
        Apply(returnId, new OrderRefundRejected(returnId, [RejectionReason.DeclinedOnReview], given.Reason), desk, cancellationToken);

    private static Task<Results<Ok<AssetDisposalView>, NotFoundProblem, ConflictProblem, BadRequestProblem>> RefundRecovered(
        string returnId, DisposalDesk desk, CancellationToken cancellationToken) =>
        Apply(returnId, new RefundRecovered(returnId, 0, ""), desk, cancellationToken);

    private static Task<Results<Ok<AssetDisposalView>, NotFoundProblem, ConflictProblem, BadRequestProblem>> RecalledUnitReturned(
        string returnId, DisposalDesk desk, CancellationToken cancellationToken) =>
        Apply(returnId, new RecalledUnitReturned(returnId, ""), desk, cancellationToken);

    private static async Task<Results<Ok<AssetDisposalView>, NotFoundProblem>> Reverse(
        string returnId, ReasonGiven given, DisposalDesk desk, CancellationToken cancellationToken)
    {
        if (await desk.Find(returnId, cancellationToken) is not { } disposal) return Problems.NotFound("asset disposal", returnId);
        await desk.Reverse(disposal, given.Reason, cancellationToken);
        return TypedResults.Ok(disposal.View());
    }

    private static async Task<Results<Ok<AssetDisposalView>, NotFoundProblem, ConflictProblem, BadRequestProblem>> Apply(
        string returnId, object fact, DisposalDesk desk, CancellationToken cancellationToken)
    {
        if (await desk.FindDriven(returnId, cancellationToken) is not ({ } disposal, var byItsDriver)) return Problems.NotFound("asset disposal", returnId);
        // What the driver tells was done before he tells it.
        if (!byItsDriver && disposal.ReasonToRefuse(fact) is { } reason)
            return Problems.Conflict(reason, new Dictionary<string, object?> { ["document"] = disposal.View() });
        await desk.Apply(disposal, fact, cancellationToken);
        return TypedResults.Ok(disposal.View());
    }
}
