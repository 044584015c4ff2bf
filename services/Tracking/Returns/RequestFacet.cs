using EseErp.Contracts;
using EseErp.Contracts.UserSupport;

namespace EseErp.Tracking.Returns;

/// <summary>What User Support says: what was asked for, and whether it is called off or stuck.</summary>
public sealed record RequestFacet
{
    public DateTimeOffset? RequestedAt { get; init; }

    public string? CaseId { get; init; }

    public string? CustomerId { get; init; }

    public string? OrderId { get; init; }

    public string? LineId { get; init; }

    public string? Sku { get; init; }

    public string? SerialNumber { get; init; }

    public ReturnReason? Reason { get; init; }

    public Resolution? Resolution { get; init; }

    public ReplacementTiming? ReplacementTiming { get; init; }

    public DateTimeOffset? CancelledAt { get; init; }

    public string? CancelReason { get; init; }

    /// <summary>The step without a known outcome; null when nothing waits to be resumed.</summary>
    public string? IncompleteStep { get; init; }

    public string? IncompleteReason { get; init; }

    public RequestFacet After(object fact, DateTimeOffset at) => fact switch
    {
        RefundRequest asked => this with
        {
            RequestedAt = at,
            CaseId = asked.CaseId,
            CustomerId = asked.CustomerId,
            OrderId = asked.Order.OrderId,
            LineId = asked.Order.LineId,
            Sku = asked.Model.Sku,
            SerialNumber = asked.DefectiveItem.SerialNumber,
            Reason = asked.Reason,
            Resolution = asked.Resolution,
            ReplacementTiming = asked.ReplacementTiming,
        },
        ReturnCancelled cancelled => this with
        {
            CancelledAt = at,
            CancelReason = cancelled.Reason,
            IncompleteStep = null,
            IncompleteReason = null,
        },
        ReturnIncomplete incomplete => this with { IncompleteStep = incomplete.Step, IncompleteReason = incomplete.Reason },
        ReturnResumed => this with { IncompleteStep = null, IncompleteReason = null },
        _ => this,
    };
}
