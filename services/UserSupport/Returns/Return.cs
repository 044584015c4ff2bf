using EseErp.Contracts;
using EseErp.Contracts.UserSupport;

namespace EseErp.UserSupport.Returns;

/// <summary>What was asked, by whom, in which mode, and what has come of it.</summary>
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

    /// <summary>Why someone wants, or wanted, to call the return off; null if nobody does.</summary>
    public string? CancellationReason { get; set; }

    /// <summary>Why the return could not be called off when that was last asked for.</summary>
    public string? CancellationRefusal { get; set; }

    /// <summary>Whether the customer wants a new device.</summary>
    public bool WantsReplacement => Resolution is not Resolution.Refund;

    /// <summary>Whether nothing of it continues: it was refused, called off, or overdue, and what was done was undone.</summary>
    public bool IsOver => Status is ReturnStatus.Declined or ReturnStatus.Cancelled or ReturnStatus.Expired;

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
