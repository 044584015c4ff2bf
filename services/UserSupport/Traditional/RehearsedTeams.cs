using System.Net;
using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.ServiceDefaults;

namespace EseErp.UserSupport.Traditional;

/// <summary>Answers in a team's place while User Support rehearses, as the team would if it agreed: no team hears of a rehearsal.</summary>
internal sealed class RehearsedTeams(string team) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Rehearsal.IsOn ? Task.FromResult(Answer()) : base.SendAsync(request, cancellationToken);

    private HttpResponseMessage Answer()
    {
        const CoordinationMode mode = CoordinationMode.Traditional;
        const string returnId = ReturnIds.Rehearsed, sku = RehearsedReturn.Sku, serialNumber = RehearsedReturn.SerialNumber;
        var now = DateTimeOffset.UnixEpoch;
        object document = team switch
        {
            "sales" => new OrderRefundRequestView(
                returnId, RehearsedReturn.OrderId, RehearsedReturn.LineId, serialNumber, null, OrderRefundState.Authorized, 1, "EUR", [], now, null, mode),
            "inventory" => new ShipmentRequestView(
                returnId, sku, serialNumber, ShipmentState.Reserved, ReplacementTiming.OnReceipt, new ReturnReceiptView(ReceiptState.Expected, now, null, null, null), now, null, mode),
            "manufacturing" => new DisassemblyOrderView(returnId, sku, serialNumber, DisassemblyState.AwaitingItem, null, null, null, [], 0, 0, "EUR", now, mode),
            _ => new AssetDisposalView(returnId, sku, serialNumber, RehearsedReturn.CostCenter, AssetDisposalState.Provisional, 1, null, "EUR", now, mode),
        };
        return new HttpResponseMessage(HttpStatusCode.Created) { Content = JsonContent.Create(document, document.GetType()) };
    }
}
