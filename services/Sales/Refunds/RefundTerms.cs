using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Sales.Valuations;

namespace EseErp.Sales.Refunds;

/// <summary>
/// How the amount of a refund follows from what was paid, and above which amount a person decides; see <see cref="RefundOptions"/>.
/// </summary>
public sealed record RefundTerms(decimal RestockingFactor = 0.85m, decimal ShippingCredit = 0, decimal ReviewAbove = 1_000)
{
    /// <summary>In which the days of a return window are counted.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>The company's calendar day of a moment.</summary>
    public DateOnly DayOf(DateTimeOffset moment) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, TimeZone).DateTime);

    /// <summary>
    /// Values a refund as a valuation does: the price paid, changed step by step, rounded at the end, and not more than the line
    /// paid or is left of the order. All money of an order was paid for a line: a credit on top would take what another one paid.
    /// </summary>
    /// <param name="paid">Net price paid for the line.</param>
    /// <param name="left">Paid for the order and not yet refunded; nothing if the line was refunded before.</param>
    /// <returns>The steps; the last one's result is the amount.</returns>
    public IReadOnlyList<RefundStep> Value(decimal paid, decimal left, ReturnReason reason, string currency)
    {
        var steps = new List<RefundStep> { new() { Operation = RefundStepOperation.PAID, Value = paid, Reason = "net price paid for the line", Result = paid } };
        foreach (var (operation, operand, why) in ChangesFor(reason))
        {
            var after = Arithmetic.Apply(steps[^1].Result, operation, operand).After;
            Add(operation == ValuationOperation.ADD ? RefundStepOperation.ADD : RefundStepOperation.MULTIPLY, operand, why, after);
        }

        var rounded = MinorUnits.Round(steps[^1].Result, currency);
        if (rounded != steps[^1].Result) Add(RefundStepOperation.ROUND, rounded, $"half-even to the minor unit of {currency}", rounded);
        var limit = Math.Min(paid, left);
        if (steps[^1].Result > limit)
            Add(RefundStepOperation.LIMIT, limit, limit < paid ? "paid and not yet refunded" : "no more than was paid for the line", limit);
        return steps;

        void Add(RefundStepOperation operation, decimal value, string why, decimal result) =>
            steps.Add(new RefundStep { Operation = operation, Value = value, Reason = why, Result = result });
    }

    private IEnumerable<(ValuationOperation Operation, decimal Operand, string Why)> ChangesFor(ReturnReason reason)
    {
        if (reason == ReturnReason.NoLongerWanted)
        {
            if (RestockingFactor != 1) yield return (ValuationOperation.MULTIPLY, RestockingFactor, "restocking fee, as it is no longer wanted");
        }
        else if (ShippingCredit > 0)
        {
            yield return (ValuationOperation.ADD, ShippingCredit, "shipping credit, as the fault is ours");
        }
    }
}

/// <summary>One step in the calculation of a refund.</summary>
public sealed class RefundStep
{
    public required RefundStepOperation Operation { get; init; }

    public required decimal Value { get; init; }

    public required string Reason { get; init; }

    /// <summary>The amount after this step.</summary>
    public required decimal Result { get; init; }
}
