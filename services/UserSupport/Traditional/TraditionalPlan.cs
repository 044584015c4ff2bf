using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.UserSupport.Returns;

namespace EseErp.UserSupport.Traditional;

/// <summary>A call to make.</summary>
/// <param name="Step">Unique within a return: team and operation.</param>
/// <param name="IsQuestion">It only reads, and is asked until the team has decided.</param>
public sealed record TeamCall(string Step, string Path, object? Body = null, bool IsQuestion = false)
{
    /// <summary>The first part of the step's name.</summary>
    public string Team { get; } = Step.Split('.')[IsUndo(Step) ? 1 : 0];

    /// <summary>Whether a step undoes another.</summary>
    public static bool IsUndo(string step) => step.StartsWith("undo.", StringComparison.Ordinal);
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
    public const string Arrival = "manufacturing.item-received";
    public const string Waiver = "inventory.item-waived";
    public const string Diagnosis = "manufacturing.diagnosis";
    public const string Completion = "manufacturing.complete";
    public const string Recall = "inventory.recalled-unit-returned";

    /// <summary>Asks Sales for a person's decision on a refund.</summary>
    public const string Review = "sales.review";

    /// <summary>Asks Inventory whether a replacement that may leave has left: it may have to wait for stock.</summary>
    public const string Replacement = "inventory.replacement";

    /// <summary>Ends the return at Inventory, which has custody of the item and so decides whether it may end.</summary>
    public const string UndoShipment = $"undo.{Shipment}";

    /// <summary>The next calls, of which none waits for another; empty when there is nothing to do for now.</summary>
    /// <param name="parallel">Once Sales has decided, the other three are asked at once; else one after another.</param>
    public static IReadOnlyList<TeamCall> Next(TraditionalReturn saga, IReadOnlyCollection<ReturnStep> steps, bool parallel)
    {
        var answers = new TeamAnswers(steps);
        // What Sales rejected at once was never taken to anyone else.
        if (saga.UndoCause is null && steps.Any(step => step is { Name: Refund, Outcome: StepOutcome.Refused })) return [];
        var forward = saga.UndoCause is null;
        var next = (forward ? Forward(saga, answers) : Backward(saga, steps, answers)).Where(call => call.IsQuestion || !answers.Has(call.Step));
        return parallel && forward && answers.Has(Refund) && Openings(saga, answers).Where(opening => !answers.Has(opening.Step)).ToList() is { Count: > 1 } openings
            ? openings
            : [.. next.Take(1)];
    }

    private static IEnumerable<TeamCall> Forward(TraditionalReturn saga, TeamAnswers answers)
    {
        var id = saga.ReturnId;
        foreach (var opening in Openings(saga, answers)) yield return opening;

        // Inventory takes for granted that Sales agrees, unless it was told otherwise or a unit is to leave in advance.
        if (saga.Return.WantsReplacement && answers.SalesAgrees && (saga.Return.ReplacementTiming == ReplacementTiming.Advance || answers.BeganUnderReview))
            yield return new TeamCall("inventory.refund-authorized", $"/shipment-requests/{id}/refund-authorized");
        foreach (var call in PhysicalSteps(saga, answers)) yield return call;
        // Sales knows a replacement by its number, should it come back.
        if (answers is { Shipped: true, Shipment: { ReplacementSerialNumber: { } number, Sku: var sku } })
            yield return new TeamCall("sales.replacement-shipped", $"/order-refund-requests/{id}/replacement-shipped", new ReportReplacementShipped(number, sku));
        foreach (var call in Booked(saga, answers)) yield return call;

        if (answers.Refund?.State == OrderRefundState.ManualReview) yield return Ask(saga);
        else if (ReplacementMayLeave(saga, answers) && answers.Shipment?.State is ShipmentState.Backordered or ShipmentState.Released)
            yield return new TeamCall(Replacement, $"/shipment-requests/{id}", IsQuestion: true);
    }

    private static IEnumerable<TeamCall> Openings(TraditionalReturn saga, TeamAnswers answers)
    {
        var (id, asked) = (saga.ReturnId, saga.Return);
        yield return new TeamCall(Refund, "/order-refund-requests", new OpenOrderRefundRequest(
            id, asked.OrderId, asked.LineId, asked.Sku, asked.SerialNumber, asked.Reason, asked.Resolution, asked.FiledAt, asked.ShipmentId));
        yield return new TeamCall(Shipment, "/shipment-requests", new OpenShipmentRequest(
            id, asked.Sku, asked.SerialNumber, asked.Resolution, asked.ReplacementTiming, answers.BeganUnderReview, asked.Location));
        yield return new TeamCall(Disassembly, "/disassembly-orders", new OpenDisassemblyOrder(id, asked.Sku, asked.SerialNumber));
        yield return new TeamCall(Disposal, "/asset-disposals", new OpenAssetDisposal(id, asked.Sku, asked.SerialNumber, asked.CostCenter));
    }

    private static IEnumerable<TeamCall> PhysicalSteps(TraditionalReturn saga, TeamAnswers answers)
    {
        var id = saga.ReturnId;
        if (saga.Reported.Received is { } received)
        {
            yield return new TeamCall(Receipt, "/receipts", new RecordReceipt(id, received.SerialNumber, received.Condition));
            yield return new TeamCall("sales.item-received", $"/order-refund-requests/{id}/item-received", new ReportItemReceived(received.SerialNumber));
            yield return new TeamCall(Arrival, $"/disassembly-orders/{id}/item-received", new ItemArrived(received.SerialNumber));
            yield return new TeamCall("accounting.item-received", $"/asset-disposals/{id}/item-received");
            if (answers is { AnotherDeviceCame: true, SalesAgrees: true })
            {
                var came = answers.Refund?.Returned is { } device ? new ReportMismatchAccepted(device.SerialNumber, device.Sku) : null;
                yield return new TeamCall("inventory.mismatch-accepted", $"/shipment-requests/{id}/mismatch-accepted", came);
                yield return new TeamCall("manufacturing.mismatch-accepted", $"/disassembly-orders/{id}/mismatch-accepted", came);
                if (came is not null) yield return new TeamCall("accounting.mismatch-accepted", $"/asset-disposals/{id}/mismatch-accepted", came);
            }
        }

        if (saga.Reported.Waived is { } waived)
        {
            yield return new TeamCall(Waiver, $"/shipment-requests/{id}/waive", waived);
            yield return new TeamCall("sales.item-waived", $"/order-refund-requests/{id}/item-waived");
            yield return new TeamCall("manufacturing.cancel", $"/disassembly-orders/{id}/cancel", waived);
            yield return new TeamCall("accounting.reverse", $"/asset-disposals/{id}/reverse", waived);
        }

        foreach (var call in Inspected(saga)) yield return call;

        // Sales has been told by now, and a person has agreed.
        if (saga is { Reported.Diagnosed.Disposition: Disposition.ReturnToCustomer, Return.WantsReplacement: true } && answers is { SalesAgrees: true, Shipped: false })
            yield return new TeamCall("inventory.sent-back-accepted", $"/shipment-requests/{id}/sent-back-accepted");
        foreach (var call in TakenApart(saga, answers)) yield return call;
    }

    private static IEnumerable<TeamCall> Inspected(TraditionalReturn saga)
    {
        var id = saga.ReturnId;
        if (saga.Reported.Diagnosed is { } diagnosed)
        {
            yield return new TeamCall(Diagnosis, $"/disassembly-orders/{id}/diagnosis", diagnosed);
            if (diagnosed.Disposition is Disposition.ReturnToStock or Disposition.ReturnToCustomer)
                yield return new TeamCall("inventory.item-diagnosed", $"/shipment-requests/{id}/item-diagnosed", new ReportItemDiagnosed(diagnosed.Disposition));
            yield return new TeamCall("sales.item-diagnosed", $"/order-refund-requests/{id}/item-diagnosed", new ReportItemDiagnosed(diagnosed.Disposition));
            yield return new TeamCall("accounting.item-diagnosed", $"/asset-disposals/{id}/item-diagnosed", new ReportItemDiagnosed(diagnosed.Disposition));
        }
    }

    private static IEnumerable<TeamCall> TakenApart(TraditionalReturn saga, TeamAnswers answers)
    {
        var id = saga.ReturnId;
        if (saga.Reported.Disassembled is { } disassembled)
        {
            yield return new TeamCall(Completion, $"/disassembly-orders/{id}/complete", disassembled);
            if (answers.Of<DisassemblyOrderView>(Completion) is { } order)
                yield return new TeamCall("accounting.disassembly-completed", $"/asset-disposals/{id}/disassembly-completed",
                    new ReportDisassemblyCompleted(order.RecoveredValue, order.LabourCost, order.Currency));
        }
    }

    // A team that refused is not asked to undo anything, and a failed process goes back the way it came. In all other cases
    // Inventory comes first: it has the item or not, and if it has, the return goes on and nobody else was told otherwise.
    private static IEnumerable<TeamCall> Backward(TraditionalReturn saga, IReadOnlyCollection<ReturnStep> steps, TeamAnswers answers)
    {
        string[] order = saga.UndoCause switch
        {
            UndoCause.TeamRefused => [Disposal, Disassembly, Shipment, Refund],
            UndoCause.DeclinedOnReview => [Shipment, Disassembly, Disposal],
            _ => [Shipment, Disposal, Disassembly, Refund],
        };
        foreach (var name in order)
        {
            var opening = steps.LastOrDefault(step => step.Name == name && step.Outcome is (StepOutcome.Done or StepOutcome.Undone or StepOutcome.Unknown));
            if (opening is null) continue;
            if (opening.Outcome == StepOutcome.Unknown)
            {
                // Whether there is anything to undo, only the team's answer can tell; a call that is still under way to it
                // must not come in after it was undone.
                yield return Openings(saga, answers).First(call => call.Step == name);
                continue;
            }

            if (name == Disposal)
                foreach (var call in Booked(saga, answers)) yield return call;
            yield return Undo(saga, name);
        }

        foreach (var call in AfterTheEnd(saga, answers)) yield return call;
    }

    private static TeamCall Undo(TraditionalReturn saga, string opening)
    {
        var (id, reason) = (saga.ReturnId, new ReasonGiven(saga.UndoReason!));
        // A person's word at Sales ends a return even when the item is in; it goes back to the customer then.
        var declined = saga.UndoCause == UndoCause.DeclinedOnReview || saga is { UndoCause: UndoCause.TeamRefused, Reported.Received: not null };
        var step = $"undo.{opening}";
        return opening switch
        {
            Refund => new TeamCall(step, $"/order-refund-requests/{id}/void", reason),
            Shipment when saga.UndoCause == UndoCause.Overdue => new TeamCall(step, $"/shipment-requests/{id}/expire"),
            Shipment => new TeamCall(step, $"/shipment-requests/{id}/{(declined ? "refund-rejected" : "cancel")}", reason),
            Disassembly => new TeamCall(step, $"/disassembly-orders/{id}/cancel", reason),
            _ => new TeamCall(step, $"/asset-disposals/{id}/{(declined ? "refund-rejected" : "reverse")}", reason),
        };
    }

    // What had left cannot be taken back by a call: Sales recovers the money and Inventory the replacement, or not. An item that was
    // on the workbench when the return ended may have been inspected since, and what was inspected is not undone but finished.
    private static IEnumerable<TeamCall> AfterTheEnd(TraditionalReturn saga, TeamAnswers answers)
    {
        var id = saga.ReturnId;
        foreach (var call in Inspected(saga)) yield return call;
        foreach (var call in TakenApart(saga, answers)) yield return call;
        if (answers is { Paid: not null, Refund.State: OrderRefundState.Voided } && answers.Has(Disposal))
            yield return new TeamCall("accounting.refund-recovered", $"/asset-disposals/{id}/refund-recovered");
        if (saga.Reported.RecallReturned is not null)
        {
            yield return new TeamCall(Recall, $"/shipment-requests/{id}/recalled-unit-returned");
            yield return new TeamCall("accounting.recalled-unit-returned", $"/asset-disposals/{id}/recalled-unit-returned");
        }

        if (answers.Refund?.State == OrderRefundState.ManualReview) yield return Ask(saga);
    }

    private static TeamCall Ask(TraditionalReturn saga) => new(Review, $"/order-refund-requests/{saga.ReturnId}", IsQuestion: true);

    // Accounting books what Sales paid and what Inventory shipped; in this mode nobody else tells it.
    private static IEnumerable<TeamCall> Booked(TraditionalReturn saga, TeamAnswers answers)
    {
        if (!answers.Has(Disposal)) yield break;
        if (answers.Shipped) yield return new TeamCall("accounting.replacement-shipped", $"/asset-disposals/{saga.ReturnId}/replacement-shipped");
        if (answers.Paid is { } paid)
            yield return new TeamCall("accounting.refund-issued", $"/asset-disposals/{saga.ReturnId}/refund-issued", new ReportRefundIssued(paid.Amount, paid.Currency!));
    }

    private static bool ReplacementMayLeave(TraditionalReturn saga, TeamAnswers answers) =>
        saga.Return.WantsReplacement && answers.SalesAgrees
        && (saga.Return.ReplacementTiming == ReplacementTiming.Advance || answers.Has(Receipt) || answers.Has(Waiver));
}
