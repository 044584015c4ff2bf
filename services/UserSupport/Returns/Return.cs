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

    /// <summary>Traditional mode: a team refused for good and the steps done are being undone; why.</summary>
    public string? UndoReason { get; set; }

    /// <summary>Traditional mode: someone drives the process until then; after it anyone may take over.</summary>
    public DateTimeOffset? DrivenUntil { get; set; }

    /// <summary>Traditional mode: who drives it.</summary>
    public Guid? DrivenBy { get; set; }

    /// <summary>Traditional mode: when the process last came further.</summary>
    public DateTimeOffset AdvancedAt { get; set; }

    /// <summary>Whether the customer wants a new device.</summary>
    public bool WantsReplacement => Resolution is not Resolution.Refund;

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
