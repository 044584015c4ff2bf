using System.Globalization;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;

namespace EseErp.SystemTests.Scenarios;

/// <summary>
/// Where every team and the customer stand in the end, in words of the business. A team that was never asked and one that gave
/// up what it held come to the same: nothing goes out, nothing is expected.
/// </summary>
/// <param name="Journal">Each entry: its cause, and account and amount of each line. What a refund comes to depends on the
/// device and is written <c>refund</c>.</param>
public sealed record Outcome(string Customer, string Refund, string Replacement, string Item, string Disassembly, string Disposal, string Journal)
{
    public const string Nothing = "nothing";

    public static async Task<Outcome> Of(ReturnOnItsWay sent)
    {
        var system = sent.System;
        var seen = (await system.Get(Teams.Tracking, $"returns/{sent.ReturnId}")).Expect(200).Json;
        var refund = (await Find<OrderRefundRequestView>(sent, Teams.Sales, "order-refund-requests"))!;
        var shipment = await Find<ShipmentRequestView>(sent, Teams.Inventory, "shipment-requests");
        var order = await Find<DisassemblyOrderView>(sent, Teams.Manufacturing, "disassembly-orders");
        var disposal = await Find<AssetDisposalView>(sent, Teams.Accounting, "asset-disposals");
        var entries = (await system.Get(Teams.Accounting, $"journal?returnId={sent.ReturnId}")).Expect(200).Json.List("items");
        return new Outcome(
            seen.Text("status")! + (seen.Is("closed") ? "" : ", open"),
            refund.State + (refund.Reasons.Count == 0 ? "" : $": {string.Join(", ", refund.Reasons)}"),
            shipment?.State is null or ShipmentState.Cancelled or ShipmentState.NotRequested ? Nothing : shipment.State.ToString(),
            shipment?.Receipt.State is null or ReceiptState.Closed ? Nothing : shipment.Receipt.State.ToString(),
            order?.State is null or DisassemblyState.Cancelled ? Nothing : order.Disposition is null ? $"{order.State}" : $"{order.State}, {order.Disposition}",
            disposal?.State is null or AssetDisposalState.Reversed ? Nothing : disposal.State.ToString(),
            string.Join("; ", entries.Select(entry => Describe(entry.Text("cause")!, entry.List("lines").Select(line => (
                line.Text("account")!, line.GetProperty("debit").GetDecimal() - line.GetProperty("credit").GetDecimal())))).Order(StringComparer.Ordinal)));
    }

    /// <summary>Only the causes of the journal's entries.</summary>
    public IEnumerable<string> Causes => Journal.Length == 0 ? [] : Journal.Split("; ").Select(entry => entry[..entry.IndexOf(':')]);

    private static string Describe(string cause, IEnumerable<(string Account, decimal Amount)> lines) =>
        $"{cause}: " + string.Join(", ", lines.OrderBy(line => line.Account, StringComparer.Ordinal).Select(line => $"{line.Account} " + (cause is "RefundIssued"
            ? line.Amount > 0 ? "refund" : "-refund"
            : line.Amount.ToString("0.00", CultureInfo.InvariantCulture))));

    private static async Task<T?> Find<T>(ReturnOnItsWay sent, string team, string documents) where T : class
    {
        var answer = await sent.System.Get(team, $"{documents}/{sent.ReturnId}");
        return answer.Status == 404 ? null : answer.As<T>();
    }
}
