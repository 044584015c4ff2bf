using System.Globalization;
using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.EventStore;

namespace EseErp.Sales.Valuations;

/// <summary>
/// The one place where Sales works on a valuation, within a transaction that the caller owns. Accepting a command only
/// records it: it comes back through the commands topic, in order with the others of its valuation, and is decided then.
/// </summary>
public sealed partial class ValuationDesk(Documents documents, Facts facts, TimeProvider clock, ILogger<ValuationDesk> log)
{
    /// <summary>The valuation that comes with the demo data, for examples.</summary>
    public const string ExampleValuation = "01a1f9f6-66be-7973-bf64-3bca8f955600";

    /// <summary>The command that opened it.</summary>
    public const string ExampleCommand = "01a1f9f6-66be-7973-bf64-3bca8f955601";

    /// <summary>Accepts the opening of a new valuation.</summary>
    public ValuationCommand Accept(OpenValuation request) => Accept(request, NewId(), NewId());

    /// <summary>Accepts a change, whether there is such a valuation or not: that shows when its turn comes.</summary>
    public ValuationCommand Accept(string valuationId, ChangeValuation request)
    {
        var asked = new ValuationChangeRequested(valuationId, NewId(), request.Operation, request.Operand());
        return Accepted(asked, Row(asked));
    }

    /// <summary>Accepts the opening of the example, unless that was done before.</summary>
    public async Task AcceptExample(CancellationToken cancellationToken)
    {
        if (await documents.Find<ValuationCommand>(ExampleCommand, cancellationToken) is null)
            Accept(new OpenValuation(199.90m), ExampleValuation, ExampleCommand);
    }

    /// <summary>Opens a valuation.</summary>
    public async Task Open(ValuationOpeningRequested asked, CancellationToken cancellationToken)
    {
        var opened = new ValuationOpened(asked.ValuationId, asked.CommandId, asked.Value, asked.Currency);
        var valuation = Valuation.Opened(opened);
        documents.Add(valuation.ValuationId, valuation);
        Decided(opened, valuation, await Find(asked.CommandId, Row(asked), cancellationToken));
    }

    /// <summary>Changes a valuation, or rejects the change.</summary>
    public async Task Change(ValuationChangeRequested asked, CancellationToken cancellationToken)
    {
        var valuation = await documents.Find<Valuation>(asked.ValuationId, cancellationToken);
        var outcome = Valuation.Judge(valuation, asked);
        valuation?.Apply(outcome);
        Decided(outcome, valuation, await Find(asked.CommandId, Row(asked), cancellationToken));
    }

    private ValuationCommand Accept(OpenValuation request, string valuationId, string commandId)
    {
        var asked = new ValuationOpeningRequested(valuationId, commandId, request.Value, request.Currency);
        return Accepted(asked, Row(asked));
    }

    // A stream for each command: those that are accepted at the same time must not wait for each other.
    private ValuationCommand Accepted(object asked, ValuationCommand command)
    {
        documents.Add(command.CommandId, command);
        facts.Record(command.CommandId, command.ValuationId, asked, CoordinationMode.Event.Wire());
        return command;
    }

    private void Decided(object outcome, Valuation? valuation, ValuationCommand command)
    {
        command.Decide(outcome, valuation, clock.GetUtcNow());
        facts.Record(command.ValuationId, outcome, CoordinationMode.Event.Wire());
        LogDecided(command.ValuationId, command.State, command.Operation, command.Operand, command.Reason);
    }

    // A command that did not come by way of the endpoints has no row yet.
    private async Task<ValuationCommand> Find(string commandId, ValuationCommand otherwise, CancellationToken cancellationToken)
    {
        if (await documents.Find<ValuationCommand>(commandId, cancellationToken) is { } known) return known;
        documents.Add(commandId, otherwise);
        return otherwise;
    }

    private ValuationCommand Row(ValuationOpeningRequested asked) => new()
    {
        CommandId = asked.CommandId,
        ValuationId = asked.ValuationId,
        Operand = asked.Value.ToString(CultureInfo.InvariantCulture),
        AcceptedAt = clock.GetUtcNow(),
    };

    private ValuationCommand Row(ValuationChangeRequested asked) => new()
    {
        CommandId = asked.CommandId,
        ValuationId = asked.ValuationId,
        Operation = asked.Operation,
        Operand = asked.Operand,
        AcceptedAt = clock.GetUtcNow(),
    };

    private static string NewId() => Guid.CreateVersion7().ToString();

    [LoggerMessage(Level = LogLevel.Information, Message = "Valuation {ValuationId}: {State}, {Operation} {Operand} {Reason}")]
    private partial void LogDecided(
        string valuationId, ValuationCommandState state, ValuationOperation? operation, string operand, ValuationRejection? reason);
}
