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
    // A return that was filed a moment ago has a driver on its way.
    internal static readonly TimeSpan ToBeDriven = TimeSpan.FromSeconds(15);

    /// <summary>When a return that nobody has driven yet continues automatically.</summary>
    public static DateTimeOffset? FirstWakeAt(CoordinationMode mode, DateTimeOffset now) =>
        mode.IsTraditional() ? now + ToBeDriven : null;

    /// <summary>Whether a team has decided what it was asked for.</summary>
    public static bool IsDecided(Return asked, TeamCall question, string answer) => question.Step == TraditionalPlan.Review
        ? TeamAnswers.Read<OrderRefundRequestView>(answer) is not { State: OrderRefundState.ManualReview } refund
            || (asked.UndoCause is null && IsDeclined(refund))
        : TeamAnswers.Read<ShipmentRequestView>(answer)!.State is not (ShipmentState.Backordered or ShipmentState.Reserved or ShipmentState.Released);

    /// <summary>Where to look whether a report that was refused was made past User Support before; null when that cannot be.</summary>
    public static TeamCall? LookAfter(Return asked, TeamCall report, CallResult result)
    {
        if (result is not { Outcome: StepOutcome.Refused, StatusCode: StatusCodes.Status409Conflict }) return null;
        var document = report.Step switch
        {
            TraditionalPlan.Receipt => "shipment-requests",
            TraditionalPlan.Completion => "disassembly-orders",
            _ => null,
        };
        return document is null ? null : report with { Path = $"/{document}/{asked.ReturnId}", Body = null, IsQuestion = true };
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
    public static Verdict Judge(Return asked, IReadOnlyCollection<ReturnStep> steps, TeamCall call, CallResult result)
    {
        switch (result.Outcome)
        {
            case StepOutcome.Done:
                asked.Failures = 0;
                Learn(asked, call, result.Answer);
                foreach (var undone in steps.Where(earlier => call.Step == $"undo.{earlier.Name}")) undone.Outcome = StepOutcome.Undone;
                return new Verdict(GoesOn: true);

            // Somebody has used this number for something else, or Sales did not get as far as deciding: the return cannot go on under
            // it, and as Sales says nothing of it to anybody, it is called off.
            case StepOutcome.Refused when call.Step == TraditionalPlan.Refund && asked.UndoCause is null
                && (result.StatusCode != StatusCodes.Status409Conflict || IsContradiction(result)):
                asked.Undo(UndoCause.TeamRefused, result.Problem!);
                return new Verdict(GoesOn: true);

            case StepOutcome.Refused when call.Step == TraditionalPlan.Refund && asked.UndoCause is null:
                asked.Status = ReturnStatus.Declined;
                return new Verdict(GoesOn: false);

            // Nothing was done there, so there is nothing to undo either.
            case StepOutcome.Refused when asked.UndoCause is not null && !TeamCall.IsUndo(call.Step) && IsOpening(call.Step):
                return new Verdict(GoesOn: true);

            // Inventory has the item, or it is not due yet: the return goes on as if nobody had asked.
            case StepOutcome.Refused when call.Step == TraditionalPlan.UndoShipment && asked.UndoCause is UndoCause.Cancelled or UndoCause.Overdue:
                if (asked.UndoCause == UndoCause.Cancelled) asked.CancellationRefusal = result.Problem;
                else asked.Failures++;
                (asked.UndoCause, asked.UndoReason) = (null, null);
                return new Verdict(GoesOn: true);

            case StepOutcome.Refused when ForgetReport(asked, call.Step):
                // A return that is ending goes on to its end without it.
                return new Verdict(GoesOn: asked is { UndoCause: not null, IsOver: false });

            case StepOutcome.Refused when asked is { UndoCause: null, Reported: { Received: null, Waived: null } } && !call.IsQuestion:
                asked.Undo(UndoCause.TeamRefused, result.Problem!);
                return new Verdict(GoesOn: true);

            default:
                asked.Failures++;
                // A question without an answer leaves the return as it is, and so does what remains after its end.
                var needsPerson = result.Outcome == StepOutcome.Refused;
                if (call.IsQuestion || asked.IsOver || asked.Status == ReturnStatus.Incomplete) return new Verdict(GoesOn: false, null, needsPerson);
                asked.Status = ReturnStatus.Incomplete;
                return new Verdict(GoesOn: false, new ReturnIncomplete(asked.ReturnId, call.Step, result.Problem ?? "No answer."), needsPerson);
        }
    }

    /// <summary>There is no call to make now: what the return has come to.</summary>
    /// <returns>The facts that follow.</returns>
    public static IEnumerable<object> Rest(Return asked, TeamAnswers answers)
    {
        var (before, reached) = (asked.Status, Reached(asked, answers));
        if (before == reached) yield break;
        asked.Status = reached;
        if (reached == ReturnStatus.Cancelled) yield return new ReturnCancelled(asked.ReturnId, asked.UndoReason!);
        else if (before == ReturnStatus.Incomplete) yield return new ReturnResumed(asked.ReturnId);
    }

    /// <summary>When the return continues automatically; null when a person must act first, or the item must be overdue.</summary>
    /// <param name="needsPerson">The last call was refused: to repeat it does not help.</param>
    public static DateTimeOffset? WakeAt(Return asked, TeamCall? next, bool needsPerson, TraditionalOptions options, DateTimeOffset now)
    {
        DateTimeOffset? wake = next switch
        {
            { IsQuestion: true } => now + options.LookAgainAfter,
            not null => needsPerson ? null : now,
            // An overdue return that could not expire is left alone for a while, too.
            null => asked.Failures > 0 ? now : null,
        };
        var patience = now + options.PauseAfter(asked.Failures);
        return wake < patience ? patience : wake;
    }

    private static ReturnStatus Reached(Return asked, TeamAnswers answers) => asked.UndoCause switch
    {
        UndoCause.TeamRefused or UndoCause.Cancelled => ReturnStatus.Cancelled,
        UndoCause.Overdue => ReturnStatus.Expired,
        UndoCause.DeclinedOnReview => ReturnStatus.Declined,
        _ when asked.Status == ReturnStatus.Declined => ReturnStatus.Declined,
        _ => answers.Refund?.State == OrderRefundState.ManualReview ? ReturnStatus.UnderReview : ReturnStatus.Approved,
    };

    // What an answer tells beside that it was done: until when the item is expected, and that someone declined the refund,
    // whichever call hears of it first.
    private static void Learn(Return asked, TeamCall call, string? answer)
    {
        if (asked.UndoCause is not null || answer is null) return;
        if (call.Step == TraditionalPlan.Shipment) asked.DueAt = TeamAnswers.Read<ShipmentRequestView>(answer)!.Receipt.DueAt;
        if (call.Team == "sales" && TeamAnswers.Read<OrderRefundRequestView>(answer) is { } refund && IsDeclined(refund))
        {
            // Where nobody at Sales has declined, somebody took the refund back there: the return ends with it.
            if (refund.Reasons.Count > 0) asked.Undo(UndoCause.DeclinedOnReview, refund.ReviewNote ?? "Sales declined the refund.");
            else asked.Undo(UndoCause.TeamRefused, $"Sales has taken the refund back{(refund.ReviewNote is null ? "." : $": {refund.ReviewNote}")}");
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
    private static bool ForgetReport(Return asked, string step)
    {
        var remaining = step switch
        {
            TraditionalPlan.Receipt => asked.Reported with { Received = null },
            TraditionalPlan.Waiver => asked.Reported with { Waived = null },
            TraditionalPlan.Diagnosis => asked.Reported with { Diagnosed = null },
            TraditionalPlan.Completion => asked.Reported with { Disassembled = null },
            TraditionalPlan.Recall => asked.Reported with { RecallReturned = null },
            _ => null,
        };
        if (remaining is null) return false;
        asked.Reported = remaining;
        return true;
    }
}
