using System.Globalization;
using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.DeadLetters;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;

namespace EseErp.Tracking.Timeline;

/// <summary>Each fact in one English sentence, for the timeline.</summary>
public static class Summaries
{
    /// <summary>A summary stays one sentence; the fact beside it has all calls.</summary>
    private const int CallsNamed = 8;

    public static string Of(object fact) => fact switch
    {
        RefundRequest asked => $"User Support took a request for {Wish(asked)}: {asked.Model.Sku}, serial number {asked.DefectiveItem.SerialNumber}, {Why(asked.Reason)}",
        ReturnCancellationRequested asked => $"User Support asked whether the return may be called off: {asked.Reason}",
        CancellationAccepted => "The return may be called off: the item is not in",
        CancellationRefused refused => $"The return cannot be called off: {refused.Reason}",
        ReturnCancelled cancelled => $"User Support called the return off: {cancelled.Reason}",
        ReturnIncomplete incomplete => $"User Support got no clear answer at step {incomplete.Step}: {incomplete.Reason}",
        ReturnAcknowledged => "User Support answered at once; it calls the teams while nobody waits",
        ReturnResumed => "User Support resumed the return and has every team's answer",
        TeamsCalled called => $"User Support called {string.Join("; ", called.Calls.Take(CallsNamed).Select(Call))}{More(called.Calls.Count - CallsNamed)}",

        OrderRefundAuthorized { Amount: 0 } => "Sales authorized the return without a refund",
        OrderRefundAuthorized authorized => $"Sales authorized a refund of {Money(authorized.Amount, authorized.Currency)}",
        OrderRefundRejected { Note: { } note } rejected => $"Sales rejected the refund: {string.Join(", ", rejected.Reasons.Select(Why))}: {note}",
        OrderRefundRejected rejected => $"Sales rejected the refund: {string.Join(", ", rejected.Reasons.Select(Why))}",
        OrderRefundReferred referred => $"Sales referred the refund of {Money(referred.Amount, referred.Currency)} to a person: {referred.Reason}",
        RefundIssued issued => $"Sales paid {Money(issued.Amount, issued.Currency)}",
        RefundVoided voided => $"Sales voided the refund: {voided.Reason}",
        ItemMismatchAccepted { SerialNumber: { } came } accepted => $"Sales accepted the device that came instead, {accepted.Sku}, serial number {came}{Said(accepted.Note)}",
        ItemMismatchAccepted accepted => $"Sales accepted the device that came instead{Said(accepted.Note)}",
        DeviceGivenUp given => $"The announced device came back in {given.CameBackIn}, so this return no longer has a claim to it",
        SentBackAccepted accepted => $"Sales accepted that the item goes back to the customer{Said(accepted.Note)}",
        RefundUpheld upheld => $"Sales let the customer keep the money{Said(upheld.Note)}",
        RefundRecovered recovered => $"Sales got {Money(recovered.Amount, recovered.Currency)} back from the customer",

        ReturnExpected expected => $"Inventory expects the item until {expected.DueAt.UtcDateTime.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}",
        ReplacementReserved reserved => $"Inventory reserved a replacement {reserved.Sku}",
        ReplacementBackordered backordered => $"Inventory has no {backordered.Sku} left and backordered the replacement",
        ReplacementShipped { SerialNumber: { } number } shipped => $"Inventory shipped a replacement {shipped.Sku}, serial number {number}",
        ReplacementShipped shipped => $"Inventory shipped a replacement {shipped.Sku}",
        ReplacementDelivered => "The replacement was delivered to the customer",
        ReplacementCancelled cancelled => $"Inventory released the replacement: {cancelled.Reason}",
        ItemReceived received => $"Inventory received the item, serial number {received.SerialNumber}: {received.Condition}",
        ReturnExpired => "The item did not come back in time",
        ItemWaived waived => $"Inventory no longer expects the item, and the return continues without it: {waived.Reason}",
        ItemRestocked restocked => $"Inventory put the item back in stock as {restocked.Sku}",
        ReplacementRecalled recalled => $"Inventory asked the customer to send the replacement {recalled.Sku} back: {recalled.Reason}",
        RecalledUnitReturned returned => $"Inventory has the recalled replacement {returned.Sku} back in stock",

        DisassemblyOrderOpened opened => $"Manufacturing opened a disassembly order for {opened.Sku}",
        ItemDiagnosed diagnosed => $"Manufacturing diagnosed {diagnosed.FaultCode}; {Next(diagnosed.Disposition)}",
        ItemMismatch mismatch => $"Manufacturing found serial number {mismatch.ReceivedSerialNumber} instead of {mismatch.ExpectedSerialNumber}",
        DisassemblyCompleted completed =>
            $"Manufacturing took the item apart and recovered parts worth {Money(completed.RecoveredValue, completed.Currency)} for {Money(completed.LabourCost, completed.Currency)} of labour",
        DisassemblyOrderCancelled cancelled => $"Manufacturing cancelled the disassembly: {cancelled.Reason}",

        AssetDisposalOpened opened => $"Accounting provided for the disposal at a cost of {Money(opened.ProvisionalCost, opened.Currency)}",
        AssetDisposalRevalued revalued => $"Accounting values the item as a {revalued.Sku}, at {Money(revalued.ProvisionalCost, revalued.Currency)}",
        AssetDisposalPosted { DisposalLoss: < 0 } posted => $"Accounting posted the disposal with a gain of {Money(-posted.DisposalLoss, posted.Currency)}",
        AssetDisposalPosted posted => $"Accounting posted the disposal with a loss of {Money(posted.DisposalLoss, posted.Currency)}",
        AssetDisposalReversed reversed => $"Accounting reversed the disposal: {reversed.Reason}",

        DeadLetterOpened { Again: true } opened => $"{Named(opened.Team)} still cannot apply {Event(opened.EventType)}: {Why(opened.Reason)}",
        DeadLetterOpened { Reason: "Behind" } opened => $"{Named(opened.Team)} set {Event(opened.EventType)} aside behind an earlier one",
        DeadLetterOpened opened => $"{Named(opened.Team)} could not apply {Event(opened.EventType)} and set it aside: {Why(opened.Reason)}",
        DeadLetterClosed { Outcome: DeadLetterOutcome.Redriven } closed => $"{Named(closed.Team)} applied what it had set aside",
        DeadLetterClosed { Outcome: DeadLetterOutcome.Dropped } closed => $"{Named(closed.Team)} reads what it had set aside again",
        DeadLetterClosed { By: { } by } closed => $"{by} discarded what {Named(closed.Team)} had set aside{Said(closed.Note)}",
        DeadLetterClosed closed => $"{Named(closed.Team)} discarded what it had set aside{Said(closed.Note)}",
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact.GetType(), "This fact has no summary."),
    };

    private static string Wish(RefundRequest asked) => asked.Resolution switch
    {
        Resolution.Refund => "a refund",
        Resolution.Replace => "a replacement",
        _ => "a refund and a replacement",
    };

    private static string Why(ReturnReason reason) => reason switch
    {
        ReturnReason.Defective => "defective",
        ReturnReason.DamagedInTransit => "damaged in transit",
        ReturnReason.WrongItem => "the wrong item",
        ReturnReason.NotAsDescribed => "not as described",
        ReturnReason.NoLongerWanted => "no longer wanted",
        ReturnReason.WarrantyClaim => "a warranty claim",
        _ => reason.ToString(),
    };

    private static string Why(RejectionReason reason) => reason switch
    {
        RejectionReason.OrderUnknown => "there is no such order",
        RejectionReason.LineUnknown => "the order has no such line",
        RejectionReason.SerialNotOnLine => "the model or the serial number is not that of the order line",
        RejectionReason.NotDelivered => "it was not delivered yet",
        RejectionReason.OutsideReturnWindow => "it is too late to return it",
        RejectionReason.AlreadyReturned => "it was returned before",
        RejectionReason.NothingPaid => "nothing was paid for it",
        RejectionReason.ShipmentNotOfOrder => "the shipment is not that of the order",
        RejectionReason.DeclinedOnReview => "a person looked at it and declined",
        _ => reason.ToString(),
    };

    private static string Why(string reason) => reason switch
    {
        "Exhausted" => "it failed again and again",
        "Unreadable" => "it cannot be read",
        "UnknownVersion" => "this version of it is not known there",
        "Behind" => "an earlier one waits",
        "Conflict" => "it contradicts what is on record there",
        _ => reason,
    };

    private static string Event(string? type) => type ?? "a record";

    // user-support: User Support.
    private static string Named(string team) => string.Join(' ', team.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static string Next(Disposition disposition) => disposition switch
    {
        Disposition.Scrap => "the item is to be scrapped",
        Disposition.Refurbish => "the item is to be refurbished",
        Disposition.ReturnToStock => "the item goes back to stock",
        Disposition.ReturnToCustomer => "the item goes back to the customer",
        _ => disposition.ToString(),
    };

    private static string Call(TeamCallMade call) => string.Create(
        CultureInfo.InvariantCulture, $"{call.Step} ({call.Outcome}{(call.StatusCode is { } status ? $" {status}" : "")}, {call.DurationMilliseconds:0.#} ms)");

    private static string More(int count) => count > 0 ? string.Create(CultureInfo.InvariantCulture, $"; and {count} more") : "";

    private static string Said(string? note) => note is null ? "" : $": {note}";

    private static string Money(decimal amount, string currency) => $"{amount.ToString($"F{MinorUnits.DigitsOf(currency)}", CultureInfo.InvariantCulture)} {currency}";
}
