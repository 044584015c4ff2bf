using System.Text.Json;
using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.UserSupport.Returns;

namespace EseErp.UserSupport.Traditional;

/// <summary>A call to make.</summary>
/// <param name="Step">Unique within a return: team and operation.</param>
public sealed record TeamCall(string Step, string Path, object? Body = null)
{
    /// <summary>The first part of the step's name.</summary>
    public string Team { get; } = Step.Split('.')[Step.StartsWith("undo.", StringComparison.Ordinal) ? 1 : 0];
}

/// <summary>
/// What User Support has to call, in order, as a pure function of the return and the answers so far. The process keeps no
/// other state: after a crash the next call follows from what is recorded.
/// </summary>
public static class TraditionalPlan
{
    public const string Refund = "sales.refund-request";
    public const string Shipment = "inventory.shipment-request";
    public const string Disassembly = "manufacturing.disassembly-order";
    public const string Disposal = "accounting.asset-disposal";
    public const string Receipt = "inventory.receipt";
    public const string Diagnosis = "manufacturing.diagnosis";
    public const string Completion = "manufacturing.complete";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The next call; null when there is nothing to do for now.</summary>
    public static TeamCall? Next(Return asked, IReadOnlyCollection<ReturnStep> steps)
    {
        var answered = steps.Where(step => step.Outcome is StepOutcome.Done or StepOutcome.Undone)
            .ToDictionary(step => step.Name, step => step.Answer);
        return asked.UndoReason is null
            ? Forward(asked, answered).FirstOrDefault(call => !answered.ContainsKey(call.Step))
            : Backward(asked, steps).FirstOrDefault(call => !answered.ContainsKey(call.Step));
    }

    private static IEnumerable<TeamCall> Forward(Return asked, Dictionary<string, string?> answered)
    {
        var id = asked.ReturnId;
        yield return new TeamCall(Refund, "/order-refund-requests", new OpenOrderRefundRequest(
            id, asked.OrderId, asked.LineId, asked.Sku, asked.SerialNumber, asked.Reason, asked.Resolution));
        yield return new TeamCall(Shipment, "/shipment-requests", new OpenShipmentRequest(
            id, asked.Sku, asked.SerialNumber, asked.Resolution, asked.ReplacementTiming));
        yield return new TeamCall(Disassembly, "/disassembly-orders", new OpenDisassemblyOrder(id, asked.Sku, asked.SerialNumber));
        yield return new TeamCall(Disposal, "/asset-disposals", new OpenAssetDisposal(id, asked.Sku, asked.SerialNumber, asked.CostCenter));
        foreach (var call in RefundIssued(asked, answered, Refund)) yield return call;

        if (asked is { WantsReplacement: true, ReplacementTiming: ReplacementTiming.Advance })
        {
            const string advance = "inventory.refund-authorized";
            yield return new TeamCall(advance, $"/shipment-requests/{id}/refund-authorized");
            foreach (var call in ReplacementShipped(asked, answered, advance)) yield return call;
        }

        if (asked.Reported.Received is { } received)
        {
            yield return new TeamCall(Receipt, "/receipts", new RecordReceipt(id, received.SerialNumber, received.Condition));
            yield return new TeamCall("sales.item-received", $"/order-refund-requests/{id}/item-received");
            yield return new TeamCall("manufacturing.item-received", $"/disassembly-orders/{id}/item-received", new ItemArrived(received.SerialNumber));
            yield return new TeamCall("accounting.item-received", $"/asset-disposals/{id}/item-received");
            foreach (var call in ReplacementShipped(asked, answered, Receipt)) yield return call;
            foreach (var call in RefundIssued(asked, answered, "sales.item-received")) yield return call;
        }

        if (asked.Reported.Diagnosed is { } diagnosed)
        {
            yield return new TeamCall(Diagnosis, $"/disassembly-orders/{id}/diagnosis", diagnosed);
            yield return new TeamCall("sales.item-diagnosed", $"/order-refund-requests/{id}/item-diagnosed");
            yield return new TeamCall("accounting.item-diagnosed", $"/asset-disposals/{id}/item-diagnosed", new ReportItemDiagnosed(diagnosed.Disposition));
            foreach (var call in RefundIssued(asked, answered, "sales.item-diagnosed")) yield return call;
        }

        if (asked.Reported.Disassembled is { } disassembled)
        {
            yield return new TeamCall(Completion, $"/disassembly-orders/{id}/complete", disassembled);
            if (Answer<DisassemblyOrderView>(answered, Completion) is { } order)
                yield return new TeamCall("accounting.disassembly-completed", $"/asset-disposals/{id}/disassembly-completed",
                    new ReportDisassemblyCompleted(order.RecoveredValue, order.LabourCost, order.Currency));
        }
    }

    // Undoing goes back through the teams in reverse order. A step of unknown outcome is undone too: it may have been done,
    // and a team that has no document answers 404, which is as good.
    private static IEnumerable<TeamCall> Backward(Return asked, IReadOnlyCollection<ReturnStep> steps)
    {
        var reason = new ReasonGiven(asked.UndoReason!);
        foreach (var step in steps.Where(step => step.Outcome is StepOutcome.Done or StepOutcome.Unknown or StepOutcome.Undone).OrderByDescending(step => step.Number))
        {
            var path = step.Name switch
            {
                Refund => $"/order-refund-requests/{asked.ReturnId}/void",
                Shipment => $"/shipment-requests/{asked.ReturnId}/cancel",
                Disassembly => $"/disassembly-orders/{asked.ReturnId}/cancel",
                Disposal => $"/asset-disposals/{asked.ReturnId}/reverse",
                _ => null,
            };
            if (path is not null) yield return new TeamCall($"undo.{step.Name}", path, reason);
        }
    }

    // Accounting books what Sales paid and what Inventory shipped; in this mode nobody else tells it.
    private static IEnumerable<TeamCall> RefundIssued(Return asked, Dictionary<string, string?> answered, string salesStep)
    {
        if (Answer<OrderRefundRequestView>(answered, salesStep) is { State: OrderRefundState.Issued } refund)
            yield return new TeamCall("accounting.refund-issued", $"/asset-disposals/{asked.ReturnId}/refund-issued",
                new ReportRefundIssued(refund.Amount, refund.Currency!));
    }

    private static IEnumerable<TeamCall> ReplacementShipped(Return asked, Dictionary<string, string?> answered, string inventoryStep)
    {
        if (Answer<ShipmentRequestView>(answered, inventoryStep) is { State: ShipmentState.Shipped })
            yield return new TeamCall("accounting.replacement-shipped", $"/asset-disposals/{asked.ReturnId}/replacement-shipped");
    }

    private static T? Answer<T>(Dictionary<string, string?> answered, string step) where T : class =>
        answered.GetValueOrDefault(step) is { } json ? JsonSerializer.Deserialize<T>(json, Json) : null;
}
