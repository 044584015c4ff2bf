using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.UserSupport.Traditional;

namespace EseErp.UserSupport.Returns;

/// <summary>What was asked, by whom, in which mode. In traditional mode also how far the process has come.</summary>
public sealed class Return
{
    public required string ReturnId { get; init; }

    public required string CaseId { get; init; }

    public required string OrderId { get; init; }

    public required string LineId { get; init; }

    public required string Sku { get; init; }

    public required string SerialNumber { get; init; }

    public required ReturnReason Reason { get; init; }

    public required Resolution Resolution { get; init; }

    public required ReplacementTiming ReplacementTiming { get; init; }

    public string? ShipmentId { get; init; }

    public required string Location { get; init; }

    public required string CostCenter { get; init; }

    public required string CostCurrency { get; init; }

    public required CoordinationMode Mode { get; init; }

    public required DateTimeOffset FiledAt { get; init; }

    /// <summary>Shared by every event and call that follows from this return.</summary>
    public required string CorrelationId { get; init; }

    public ReturnStatus Status { get; set; }

    /// <summary>Traditional mode: the physical steps that people reported, as far as the process has come.</summary>
    public ReportedSteps Reported { get; set; } = ReportedSteps.None;

    /// <summary>Why someone wants, or wanted, to call the return off; null if nobody does.</summary>
    public string? CancellationReason { get; set; }

    /// <summary>Why the return could not be called off when that was last asked for.</summary>
    public string? CancellationRefusal { get; set; }

    /// <summary>Traditional mode: why the steps done are being undone, or were; null as long as the return continues.</summary>
    public UndoCause? UndoCause { get; set; }

    /// <summary>The same, for people.</summary>
    public string? UndoReason { get; set; }

    /// <summary>Traditional mode: until when the item is expected, as Inventory said; null before it did.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>Traditional mode: someone drives the process until then; after it anyone may take over.</summary>
    public DateTimeOffset? DrivenUntil { get; set; }

    /// <summary>Traditional mode: who drives it.</summary>
    public Guid? DrivenBy { get; set; }

    /// <summary>Traditional mode: by this the teams know User Support as the driver of their documents; nobody else is told it.</summary>
    public Guid? DriverKey { get; init; }

    /// <summary>Traditional mode: when the process last came further.</summary>
    public DateTimeOffset AdvancedAt { get; set; }

    /// <summary>
    /// Traditional mode: when the process continues automatically unless someone comes first: to try a failed call again, or to
    /// ask what a team has not decided yet. Null when it waits for a person, or for the item.
    /// </summary>
    public DateTimeOffset? WakeAt { get; set; }

    /// <summary>Traditional mode: drives in a row that ended without an answer.</summary>
    public int Failures { get; set; }

    /// <summary>Traditional mode: who is to be told the outcome; null for nobody.</summary>
    public string? CallbackUrl { get; init; }

    /// <summary>When the outcome is told, or told again; null when there is nothing new to tell.</summary>
    public DateTimeOffset? CallbackAt { get; set; }

    /// <summary>Callbacks in a row that failed.</summary>
    public int CallbackFailures { get; set; }

    /// <summary>The outcome that was told last.</summary>
    public ReturnStatus? ToldStatus { get; set; }

    /// <summary>Whether there is an outcome that was not told yet.</summary>
    public bool HasNews => CallbackUrl is not null && Status is not (ReturnStatus.Requested or ReturnStatus.Incomplete) && Status != ToldStatus;

    /// <summary>Whether the customer wants a new device.</summary>
    public bool WantsReplacement => Resolution is not Resolution.Refund;

    /// <summary>Whether nothing of it continues: it was refused, called off, or overdue, and what was done was undone.</summary>
    public bool IsOver => Status is ReturnStatus.Declined or ReturnStatus.Cancelled or ReturnStatus.Expired;

    /// <summary>Whether the item should have come back by now and nobody has reported it.</summary>
    public bool IsOverdue(DateTimeOffset now) =>
        Status is ReturnStatus.Approved or ReturnStatus.UnderReview && UndoCause is null && Reported is { Received: null, Waived: null } && DueAt <= now;

    /// <summary>Why the return cannot be called off, as far as User Support knows; null when the team that has the item decides.</summary>
    public string? ReasonNotToCancel => this switch
    {
        { Status: ReturnStatus.Declined } => "The refund was declined; there is nothing to call off.",
        { Status: ReturnStatus.Expired } => "The item did not come back in time; the return has expired.",
        { UndoCause: Traditional.UndoCause.Overdue or Traditional.UndoCause.DeclinedOnReview } => "The return is ending already.",
        { Reported.Received: not null } => "The item was received.",
        { Reported.Waived: not null } => "The item need not come back, and the return went on.",
        _ => null,
    };

    /// <summary>Event mode: someone wants to call the return off. Asked once, until there is an answer.</summary>
    public IEnumerable<object> AskToCancel(string reason)
    {
        if (Status != ReturnStatus.Requested) yield break;
        (Status, CancellationReason, CancellationRefusal) = (ReturnStatus.CancellationRequested, reason, null);
        yield return new ReturnCancellationRequested(ReturnId, reason);
    }

    /// <summary>Event mode: the team that has the item lets the return end.</summary>
    public IEnumerable<object> CancellationAccepted(string reason)
    {
        if (Status != ReturnStatus.CancellationRequested) yield break;
        Status = ReturnStatus.Cancelled;
        yield return new ReturnCancelled(ReturnId, reason);
    }

    /// <summary>Event mode: it is too late to call the return off; it continues.</summary>
    public void CancellationRefused(string reason)
    {
        if (Status == ReturnStatus.CancellationRequested) (Status, CancellationRefusal) = (ReturnStatus.Requested, reason);
    }

    /// <summary>Traditional mode: someone wants to call the return off, and User Support knows nothing against it.</summary>
    public void CallOff(string reason)
    {
        if (UndoCause is not null || IsOver) return;
        (CancellationReason, CancellationRefusal) = (reason, null);
        Undo(Traditional.UndoCause.Cancelled, reason);
    }

    /// <summary>Traditional mode: why a physical step cannot be reported now; null when it can.</summary>
    public string? ReasonNotToReport => this switch
    {
        { UndoCause: not null, IsOver: false } => "The return is ending.",
        { Status: ReturnStatus.Approved or ReturnStatus.UnderReview } => null,
        _ => $"The return is {Status}; only an approved return continues.",
    };

    /// <summary>
    /// Traditional mode: why the work on an item cannot be reported now; null when it can, or when Manufacturing is to say: an item
    /// that was in when its return ended may have been inspected, and then the work on it is finished.
    /// </summary>
    public string? ReasonNotToReportWork => this switch
    {
        { Reported.Received: null } => ReasonNotToReport ?? "The item has not been received yet.",
        { IsOver: true } => null,
        _ => ReasonNotToReport,
    };

    /// <summary>Traditional mode: from now on what was done is undone.</summary>
    public void Undo(UndoCause cause, string reason) => (UndoCause, UndoReason) = (cause, reason.Length > 500 ? reason[..500] : reason);

    /// <summary>The request as every team hears it.</summary>
    public RefundRequest Request() => new(
        ReturnId,
        CaseId,
        CustomerId: null,
        new OrderReference(OrderId, LineId),
        new ModelReference(Sku),
        ShipmentId is null ? null : new ShipmentReference(ShipmentId),
        new DefectiveItemReference(SerialNumber),
        new LocationReference(Location),
        new CostReference(CostCenter, CostCurrency),
        Reason,
        Resolution,
        ReplacementTiming);
}
