using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.UserSupport.Returns;

namespace EseErp.UserSupport.Traditional;

/// <summary>How far User Support has carried a return through the teams: the state of the saga, beside what was asked.</summary>
public sealed class TraditionalReturn
{
    private Return? _return;

    public required string ReturnId { get; init; }

    /// <summary>What was asked, and what has come of it. Set by who reads or makes this.</summary>
    public Return Return
    {
        get => _return ?? throw new InvalidOperationException($"What was asked by {ReturnId} was not read.");
        set => _return = value;
    }

    /// <summary>The physical steps that people reported, as far as the process has come.</summary>
    public ReportedSteps Reported { get; set; } = ReportedSteps.None;

    /// <summary>Why the steps done are being undone, or were; null as long as the return goes on.</summary>
    public UndoCause? UndoCause { get; set; }

    /// <summary>The same, for people.</summary>
    public string? UndoReason { get; set; }

    /// <summary>Until when the item is expected, as Inventory said; null before it did.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>Someone drives the process until then; after it anyone may take over.</summary>
    public DateTimeOffset? DrivenUntil { get; set; }

    /// <summary>Who drives it.</summary>
    public Guid? DrivenBy { get; set; }

    /// <summary>By this the teams know User Support as the driver of their documents; nobody else is told it. Null for a return of an earlier version.</summary>
    public Guid? DriverKey { get; init; }

    /// <summary>When the process last came further.</summary>
    public DateTimeOffset AdvancedAt { get; set; }

    /// <summary>
    /// When the process goes on by itself unless someone comes first: to try a failed call again, or to ask what a team has not
    /// decided yet. Null when it waits for a person, or for the item.
    /// </summary>
    public DateTimeOffset? WakeAt { get; set; }

    /// <summary>Drives in a row that ended without an answer.</summary>
    public int Failures { get; set; }

    /// <summary>Where the outcome is to be sent; null for nowhere.</summary>
    public string? CallbackUrl { get; init; }

    /// <summary>When the outcome is told, or told again; null when there is nothing new to tell.</summary>
    public DateTimeOffset? CallbackAt { get; set; }

    /// <summary>Callbacks in a row that failed.</summary>
    public int CallbackFailures { get; set; }

    /// <summary>The outcome that was told last.</summary>
    public ReturnStatus? ToldStatus { get; set; }

    public ReturnStatus Status
    {
        get => Return.Status;
        set => Return.Status = value;
    }

    public string CorrelationId => Return.CorrelationId;

    public CoordinationMode Mode => Return.Mode;

    /// <summary>Whether there is an outcome that was not told yet.</summary>
    public bool HasNews => CallbackUrl is not null && Status is not (ReturnStatus.Requested or ReturnStatus.Incomplete) && Status != ToldStatus;

    /// <summary>Whether the item should have come back by now and nobody has reported it.</summary>
    public bool IsOverdue(DateTimeOffset now) =>
        Status is ReturnStatus.Approved or ReturnStatus.UnderReview && UndoCause is null && Reported is { Received: null, Waived: null } && DueAt <= now;

    /// <summary>Why the return cannot be cancelled, as far as User Support knows; null when whoever has custody of the item is to decide.</summary>
    public string? ReasonNotToCancel => this switch
    {
        { Status: ReturnStatus.Declined } => "The refund was declined; there is nothing to call off.",
        { Status: ReturnStatus.Expired } => "The item did not come back in time; the return has expired.",
        { UndoCause: Traditional.UndoCause.Overdue or Traditional.UndoCause.DeclinedOnReview } => "The return is ending already.",
        { Reported.Received: not null } => "The item was received.",
        { Reported.Waived: not null } => "The item need not come back, and the return went on.",
        _ => null,
    };

    /// <summary>Why a physical step cannot be reported now; null when it can.</summary>
    public string? ReasonNotToReport => this switch
    {
        { UndoCause: not null, Return.IsOver: false } => "The return is ending.",
        { Status: ReturnStatus.Approved or ReturnStatus.UnderReview } => null,
        _ => $"The return is {Status}; only an approved return continues.",
    };

    /// <summary>
    /// Why the work on an item cannot be reported now; null when it can, or when Manufacturing is to say: an item that was in when its
    /// return ended may have been inspected, and then the work on it is finished.
    /// </summary>
    public string? ReasonNotToReportWork => this switch
    {
        { Reported.Received: null } => ReasonNotToReport ?? "The item has not been received yet.",
        { Return.IsOver: true } => null,
        _ => ReasonNotToReport,
    };

    /// <summary>Somebody wants to cancel the return, and User Support knows nothing against it.</summary>
    public void CallOff(string reason)
    {
        if (UndoCause is not null || Return.IsOver) return;
        (Return.CancellationReason, Return.CancellationRefusal) = (reason, null);
        Undo(Traditional.UndoCause.Cancelled, reason);
    }

    /// <summary>How far it has come, for people.</summary>
    public ReturnCourse Course(IEnumerable<ReturnStep> steps) => new(UndoReason, DueAt, [.. steps.Select(step => step.View())]);

    /// <summary>From now on what was done is undone.</summary>
    public void Undo(UndoCause cause, string reason) => (UndoCause, UndoReason) = (cause, reason.Length > 500 ? reason[..500] : reason);
}
