using System.Text.Json.Serialization;
using EseErp.Contracts;
using EseErp.Contracts.Manufacturing;

namespace EseErp.Tracking.Returns;

/// <summary>What Manufacturing says.</summary>
public sealed record DisassemblyFacet
{
    /// <summary>Null until Manufacturing has said anything.</summary>
    public DisassemblyState? State { get; init; }

    public string? FaultCode { get; init; }

    public Disposition? Disposition { get; init; }

    public decimal? RecoveredValue { get; init; }

    public decimal? LabourCost { get; init; }

    public string? Currency { get; init; }

    /// <summary>Why it is cancelled, or what arrived instead; for people.</summary>
    public string? Note { get; init; }

    public DateTimeOffset? AnsweredAt { get; init; }

    public DateTimeOffset? DiagnosedAt { get; init; }

    /// <summary>When the state was last changed.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>Whether the inspection found that the item lives on as it is.</summary>
    [JsonIgnore]
    public bool NothingToDisassemble => State == DisassemblyState.Diagnosed
        && Disposition is Contracts.Disposition.ReturnToStock or Contracts.Disposition.ReturnToCustomer;

    public DisassemblyFacet After(object fact, DateTimeOffset at) => fact switch
    {
        DisassemblyOrderOpened => Become(DisassemblyState.AwaitingItem, at),
        ItemDiagnosed diagnosed => Become(DisassemblyState.Diagnosed, at) with
        {
            FaultCode = diagnosed.FaultCode,
            Disposition = diagnosed.Disposition,
            DiagnosedAt = at,
        },
        ItemMismatch mismatch => Become(DisassemblyState.Mismatch, at) with
        {
            Note = $"{mismatch.ReceivedSerialNumber} arrived instead of {mismatch.ExpectedSerialNumber}",
        },
        DisassemblyCompleted completed => Become(DisassemblyState.Disassembled, at) with
        {
            RecoveredValue = completed.RecoveredValue,
            LabourCost = completed.LabourCost,
            Currency = completed.Currency,
        },
        DisassemblyOrderCancelled cancelled => Become(DisassemblyState.Cancelled, at) with { Note = cancelled.Reason },
        _ => this,
    };

    private DisassemblyFacet Become(DisassemblyState state, DateTimeOffset at) =>
        this with { State = state, AnsweredAt = AnsweredAt ?? at, ChangedAt = at };
}
