using EseErp.Contracts.Sales;

namespace EseErp.Sales.Valuations;

/// <summary>
/// A value and how it changes. Its stream is the truth; the row is a snapshot at the stream's end, to judge the next change
/// without reading it all.
/// </summary>
public sealed class Valuation
{
    public required string ValuationId { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>Not rounded.</summary>
    public decimal Value { get; private set; }

    /// <summary>How many events its stream has.</summary>
    public int Version { get; private set; }

    /// <summary>A valuation begins with this fact.</summary>
    public static Valuation Opened(ValuationOpened opened) =>
        new() { ValuationId = opened.ValuationId, Currency = opened.Currency, Value = opened.Value, Version = 1 };

    /// <summary>The valuation after all these facts; null when it was never opened.</summary>
    public static Valuation? Of(IEnumerable<object> facts) => facts.Aggregate((Valuation?)null, Next);

    /// <summary>The valuation after one more fact.</summary>
    public static Valuation? Next(Valuation? present, object fact)
    {
        if (present is null) return fact is ValuationOpened opened ? Opened(opened) : null;
        present.Apply(fact);
        return present;
    }

    /// <summary>What follows from a command: changed, or rejected with the reason. Changes nothing.</summary>
    /// <param name="present">The valuation it names; null when there is none.</param>
    public static object Judge(Valuation? present, ValuationChangeRequested asked)
    {
        if (present is null) return Rejected(ValuationRejection.UnknownId);
        var change = Arithmetic.Apply(present.Value, asked.Operation, asked.Operand);
        return change.Reason is { } reason
            ? Rejected(reason)
            : new ValuationChanged(asked.ValuationId, asked.CommandId, asked.Operation, change.Operand, present.Value, change.After);

        ValuationChangeRejected Rejected(ValuationRejection reason) => new(asked.ValuationId, asked.CommandId, asked.Operation, asked.Operand, reason);
    }

    /// <summary>Takes a fact in: the only way the state changes, live and when the stream is read again.</summary>
    public void Apply(object fact)
    {
        if (fact is ValuationChanged changed) Value = changed.After;
        Version++;
    }
}
