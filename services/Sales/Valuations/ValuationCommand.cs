using EseErp.Contracts.Sales;

namespace EseErp.Sales.Valuations;

/// <summary>What was asked of a valuation, and what became of it.</summary>
public sealed class ValuationCommand
{
    public required string CommandId { get; init; }

    public required string ValuationId { get; init; }

    /// <summary>Null for the command that opens the valuation.</summary>
    public ValuationOperation? Operation { get; init; }

    public required string Operand { get; init; }

    public required DateTimeOffset AcceptedAt { get; init; }

    public ValuationCommandState State { get; private set; }

    public ValuationRejection? Reason { get; private set; }

    public int? Version { get; private set; }

    public decimal? Value { get; private set; }

    public DateTimeOffset? DecidedAt { get; private set; }

    /// <summary>Notes the outcome.</summary>
    /// <param name="valuation">The valuation after it; null when there is none.</param>
    public void Decide(object outcome, Valuation? valuation, DateTimeOffset now)
    {
        var rejected = outcome as ValuationChangeRejected;
        (State, Reason, Version, DecidedAt) =
            (rejected is null ? ValuationCommandState.Applied : ValuationCommandState.Rejected, rejected?.Reason, valuation?.Version, now);
        Value = rejected is null ? valuation?.Value : null;
    }

    public ValuationCommandView View() => new(CommandId, ValuationId, State, Operation, Operand, Reason, Version, Value, AcceptedAt, DecidedAt);
}
