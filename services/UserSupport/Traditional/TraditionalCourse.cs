using System.Text.Json;
using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.UserSupport.Returns;

namespace EseErp.UserSupport.Traditional;

/// <summary>What an answer means to the return.</summary>
/// <param name="GoesOn">Whether the next call can be made now.</param>
/// <param name="Fact">What is to be recorded; null for nothing.</param>
/// <param name="NeedsPerson">An automatic repetition of the call does not help.</param>
public sealed record Verdict(bool GoesOn, object? Fact = null, bool NeedsPerson = false);

/// <summary>
/// The course of a traditional return: what follows from an answer, what state it has reached, and when it continues automatically.
/// Pure: it changes the return it is given, and knows neither clock nor database.
/// </summary>
public static class TraditionalCourse
{
    /// <summary>When a return goes on by itself that nobody has driven yet: one that was filed a moment ago has a driver on its way.</summary>
    public static readonly TimeSpan ToBeDriven = TimeSpan.FromSeconds(15);

    /// <summary>Whether a team has decided what it was asked for.</summary>
    public static bool IsDecided(TraditionalReturn saga, TeamCall question, string answer) => question.Step == TraditionalPlan.Review
        ? TeamAnswers.Read<OrderRefundRequestView>(answer) is not { State: OrderRefundState.ManualReview } refund
            || (saga.UndoCause is null && IsDeclined(refund))
        : TeamAnswers.Read<ShipmentRequestView>(answer)!.State is not (ShipmentState.Backordered or ShipmentState.Reserved or ShipmentState.Released);

    /// <summary>Where to look whether a report that was refused was made past User Support before; null when that cannot be.</summary>
    public static TeamCall? LookAfter(TraditionalReturn saga, TeamCall report, CallResult result)
    {
        if (result is not { Outcome: StepOutcome.Refused, StatusCode: StatusCodes.Status409Conflict }) return null;
        var document = report.Step switch
        {
            TraditionalPlan.Receipt => "shipment-requests",
            TraditionalPlan.Completion => "disassembly-orders",
            _ => null,
        };
        return document is null ? null : report with { Path = $"/{document}/{saga.ReturnId}", Body = null, IsQuestion = true };
    }

    /// <summary>Whether what is reported is what the team in charge has: then the report was made, by whomever.</summary>
    public static bool IsMade(TeamCall report, string answer) => report.Body switch
    {
        RecordReceipt received => TeamAnswers.Read<ShipmentRequestView>(answer)!.Receipt is { State: ReceiptState.Received } receipt
            && SerialNumbers.Same(receipt.ReceivedSerialNumber, received.SerialNumber),
        CompleteDisassembly done => TeamAnswers.Read<DisassemblyOrderView>(answer) is { State: DisassemblyState.Disassembled } order
            && order.Parts.Select(part => (part.PartSku, part.Quality, part.Quantity)).Order().SequenceEqual(done.Parts.Select(part => (part.PartSku, part.Quality, part.Quantity)).Order()),
        _ => false,
    };

    /// <summary>What a result means for the call as a whole, beyond its last attempt.</summary>
    /// <param name="mayHaveReached">An earlier attempt may have reached the team.</param>
    public static CallResult Settle(TeamCall call, CallResult result, bool mayHaveReached) => result switch
    {
        // Undoing what a team never heard of is done.
        { StatusCode: StatusCodes.Status404NotFound } when TeamCall.IsUndo(call.Step) => result with { Outcome = StepOutcome.Done, Answer = null },
        // That this attempt did not reach the team says nothing of an earlier one.
        { Outcome: StepOutcome.NotReached } when mayHaveReached => result with { Outcome = StepOutcome.Unknown },
        _ => result,
    };

    /// <summary>What follows from an answer that is written down already.</summary>
    /// <param name="steps">With the answered step as it now is.</param>
    public static Verdict Judge(TraditionalReturn saga, IReadOnlyCollection<ReturnStep> steps, TeamCall call, CallResult result)
    {
        switch (result.Outcome)
        {
            case StepOutcome.Done:
                saga.Failures = 0;
                Learn(saga, call, result.Answer);
                foreach (var undone in steps.Where(earlier => call.Step == $"undo.{earlier.Name}")) undone.Outcome = StepOutcome.Undone;
                return new Verdict(GoesOn: true);

            // Somebody has used this number for something else, or Sales did not get as far as deciding: the return cannot go on under
            // it, and as Sales says nothing of it to anybody, it is called off.
            case StepOutcome.Refused when call.Step == TraditionalPlan.Refund && saga.UndoCause is null
                && (result.StatusCode != StatusCodes.Status409Conflict || IsContradiction(result)):
                saga.Undo(UndoCause.TeamRefused, result.Problem!);
                return new Verdict(GoesOn: true);

            case StepOutcome.Refused when call.Step == TraditionalPlan.Refund && saga.UndoCause is null:
                saga.Status = ReturnStatus.Declined;
                return new Verdict(GoesOn: false);

            // Nothing was done there, so there is nothing to undo either.
            case StepOutcome.Refused when saga.UndoCause is not null && !TeamCall.IsUndo(call.Step) && IsOpening(call.Step):
                return new Verdict(GoesOn: true);

            // Inventory has the item, or it is not due yet: the return goes on as if nobody had asked.
            case StepOutcome.Refused when call.Step == TraditionalPlan.UndoShipment && saga.UndoCause is UndoCause.Cancelled or UndoCause.Overdue:
                if (saga.UndoCause == UndoCause.Cancelled) saga.Return.CancellationRefusal = result.Problem;
                else saga.Failures++;
                (saga.UndoCause, saga.UndoReason) = (null, null);
                return new Verdict(GoesOn: true);

            case StepOutcome.Refused when ForgetReport(saga, call.Step):
                // A return that is ending goes on to its end without it.
                return new Verdict(GoesOn: saga is { UndoCause: not null, Return.IsOver: false });

            case StepOutcome.Refused when saga is { UndoCause: null, Reported: { Received: null, Waived: null } } && !call.IsQuestion:
                saga.Undo(UndoCause.TeamRefused, result.Problem!);
                return new Verdict(GoesOn: true);

            default:
                saga.Failures++;
                // A question without an answer leaves the return as it is, and so does what remains after its end.
                var needsPerson = result.Outcome == StepOutcome.Refused;
                if (call.IsQuestion || saga.Return.IsOver || saga.Status == ReturnStatus.Incomplete) return new Verdict(GoesOn: false, null, needsPerson);
                saga.Status = ReturnStatus.Incomplete;
                return new Verdict(GoesOn: false, new ReturnIncomplete(saga.ReturnId, call.Step, result.Problem ?? "No answer."), needsPerson);
        }
    }

    /// <summary>There is no call to make now: what the return has come to.</summary>
    /// <returns>The facts that follow.</returns>
    public static IEnumerable<object> Rest(TraditionalReturn saga, TeamAnswers answers)
    {
        var (before, reached) = (saga.Status, Reached(saga, answers));
        if (before == reached) yield break;
        saga.Status = reached;
        if (reached == ReturnStatus.Cancelled) yield return new ReturnCancelled(saga.ReturnId, saga.UndoReason!);
        else if (before == ReturnStatus.Incomplete) yield return new ReturnResumed(saga.ReturnId);
    }

    /// <summary>When the return continues automatically; null when a person must act first, or the item must be overdue.</summary>
    /// <param name="needsPerson">The last call was refused: to repeat it does not help.</param>
    public static DateTimeOffset? WakeAt(TraditionalReturn saga, TeamCall? next, bool needsPerson, TraditionalOptions options, DateTimeOffset now)
    {
        DateTimeOffset? wake = next switch
        {
            { IsQuestion: true } => now + options.LookAgainAfter,
            not null => needsPerson ? null : now,
            // An overdue return that could not expire is left alone for a while, too.
            null => saga.Failures > 0 ? now : null,
        };
        var patience = now + options.PauseAfter(saga.Failures);
        return wake < patience ? patience : wake;
    }

    private static ReturnStatus Reached(TraditionalReturn saga, TeamAnswers answers) => saga.UndoCause switch
    {
        UndoCause.TeamRefused or UndoCause.Cancelled => ReturnStatus.Cancelled,
        UndoCause.Overdue => ReturnStatus.Expired,
        UndoCause.DeclinedOnReview => ReturnStatus.Declined,
        _ when saga.Status == ReturnStatus.Declined => ReturnStatus.Declined,
        _ => answers.Refund?.State == OrderRefundState.ManualReview ? ReturnStatus.UnderReview : ReturnStatus.Approved,
    };

    // What an answer tells beside that it was done: until when the item is expected, and that someone declined the refund,
    // whichever call hears of it first.
    private static void Learn(TraditionalReturn saga, TeamCall call, string? answer)
    {
        if (saga.UndoCause is not null || answer is null) return;
        if (call.Step == TraditionalPlan.Shipment) saga.DueAt = TeamAnswers.Read<ShipmentRequestView>(answer)!.Receipt.DueAt;
        if (call.Team == "sales" && TeamAnswers.Read<OrderRefundRequestView>(answer) is { } refund && IsDeclined(refund))
        {
            // Where nobody at Sales has declined, somebody took the refund back there: the return ends with it.
            if (refund.Reasons.Count > 0) saga.Undo(UndoCause.DeclinedOnReview, refund.ReviewNote ?? "Sales declined the refund.");
            else saga.Undo(UndoCause.TeamRefused, $"Sales has taken the refund back{(refund.ReviewNote is null ? "." : $": {refund.ReviewNote}")}");
        }
    }

    // Money that was paid before someone declined has to be recovered.
    private static bool IsDeclined(OrderRefundRequestView refund) => refund is
    { State: OrderRefundState.Rejected or OrderRefundState.Voided } or { State: OrderRefundState.ManualReview, Review: RefundReview.Recovery };

    // A team says what differs.
    private static bool IsContradiction(CallResult result) => result is { StatusCode: StatusCodes.Status409Conflict, Answer: { } answer }
        && JsonElement.Parse(answer) is { ValueKind: JsonValueKind.Object } problem && problem.TryGetProperty("differences", out _);

    private static bool IsOpening(string step) =>
        step is TraditionalPlan.Refund or TraditionalPlan.Shipment or TraditionalPlan.Disassembly or TraditionalPlan.Disposal;

    // A report that the team in charge refuses was never made; the person gets that team's answer and can correct it.
    private static bool ForgetReport(TraditionalReturn saga, string step)
    {
        var remaining = step switch
        {
            TraditionalPlan.Receipt => saga.Reported with { Received = null },
            TraditionalPlan.Waiver => saga.Reported with { Waived = null },
            TraditionalPlan.Diagnosis => saga.Reported with { Diagnosed = null },
            TraditionalPlan.Completion => saga.Reported with { Disassembled = null },
            TraditionalPlan.Recall => saga.Reported with { RecallReturned = null },
            _ => null,
        };
        if (remaining is null) return false;
        saga.Reported = remaining;
        return true;
    }
}
