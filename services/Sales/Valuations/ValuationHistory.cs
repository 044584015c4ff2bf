using System.Globalization;
using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.EventStore;

namespace EseErp.Sales.Valuations;

/// <summary>A valuation's stream, read event by event.</summary>
public sealed class ValuationHistory(EventTypes types)
{
    private readonly List<ValuationStepView> _steps = [];
    private Valuation? _present;

    /// <summary>Takes one more event in.</summary>
    public ValuationStepView Add(RecordedEvent e)
    {
        var fact = e.Read(types);
        var before = _present?.Value;
        _present = Valuation.Next(_present, fact);
        var step = fact switch
        {
            ValuationOpened opened => new ValuationStepView(
                e.StreamVersion, ValuationOutcome.Opened, null, Text(opened.Value), before, _present?.Value, null, opened.CommandId, e.Time),
            ValuationChanged changed => new ValuationStepView(
                e.StreamVersion, ValuationOutcome.Changed, changed.Operation, Text(changed.Operand), before, _present?.Value, null, changed.CommandId, e.Time),
            ValuationChangeRejected rejected => new ValuationStepView(
                e.StreamVersion, ValuationOutcome.Rejected, rejected.Operation, rejected.Operand, before, _present?.Value, rejected.Reason, rejected.CommandId, e.Time),
            _ => throw new InvalidOperationException($"{e.Type} does not belong into the stream of a valuation."),
        };
        _steps.Add(step);
        return step;
    }

    /// <summary>What has been read; null when there is no such valuation.</summary>
    public ValuationView? View() => _present is { } present
        ? new ValuationView(
            present.ValuationId, present.Value, MinorUnits.Round(present.Value, present.Currency), present.Currency, present.Version, _steps)
        : null;

    private static string Text(decimal number) => number.ToString(CultureInfo.InvariantCulture);
}
