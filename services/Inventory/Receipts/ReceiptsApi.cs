using EseErp.Contracts.Inventory;
using EseErp.DemoData;
using EseErp.EventStore;
using EseErp.Inventory.Shipments;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EseErp.Inventory.Receipts;

/// <summary>The dock: items that come back.</summary>
public static class ReceiptsApi
{
    public static void MapReceipts(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/receipts", Record).InTransaction().WithTags("Receipts").WithSummary("Record that the item of a return is in")
            .WithDescription("Give the serial number that is on the device, even if another was announced. An item is received once. A device is received under one return as long as it is here: 409 names that return.")
            .WithExample(_ => new RecordReceipt(DocumentedReturn.ReturnId, DocumentedReturn.Device.SerialNumber, "box opened, device complete"));

    private static async Task<Results<Created<ShipmentRequestView>, NotFoundProblem, ConflictProblem>> Record(
        RecordReceipt receipt, ShipmentDesk desk, ShipmentRows rows, CancellationToken cancellationToken)
    {
        await rows.Load([receipt.ReturnId], [], cancellationToken);
        if (await desk.Find(receipt.ReturnId, cancellationToken) is not { } request) return Problems.NotFound("return", receipt.ReturnId);
        if (await desk.ReasonNotToReceive(request, receipt.SerialNumber, cancellationToken) is { } reason) return Problems.Conflict(reason);
        await desk.Receive(request, receipt.SerialNumber, receipt.Condition, cancellationToken);
        return TypedResults.Created($"/shipment-requests/{Uri.EscapeDataString(request.ReturnId)}", request.View());
    }
}
