using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using EseErp.Contracts.Sales;
using EseErp.EventStore;
using EseErp.Sales.Data;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Sales.Valuations;

/// <summary>Reads and follows valuations and their commands. Any replica can serve any stream.</summary>
public sealed class ValuationFeed(SalesDb db, EventStreams streams, EventLog log, EventTypes types, TimeProvider clock)
{
    /// <summary>How long a reader who names a command waits for its outcome.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>A valuation as of a version; null when there is none.</summary>
    public async Task<ValuationView?> Find(string valuationId, int? version, CancellationToken cancellationToken)
    {
        var history = new ValuationHistory(types);
        foreach (var e in await streams.ReadStream(valuationId, version, cancellationToken)) history.Add(e);
        return history.View();
    }

    /// <summary>Whether anything was ever asked of a valuation with this id.</summary>
    public Task<bool> IsKnown(string valuationId, CancellationToken cancellationToken) =>
        db.ValuationCommands.AnyAsync(command => command.ValuationId == valuationId, cancellationToken);

    /// <summary>A command and its outcome; null when there is none.</summary>
    public async Task<ValuationCommandView?> FindCommand(string commandId, CancellationToken cancellationToken) =>
        (await db.ValuationCommands.AsNoTracking().SingleOrDefaultAsync(command => command.CommandId == commandId, cancellationToken))?.View();

    /// <summary>Waits for the outcome of a command, but not for long.</summary>
    public async Task WaitFor(string commandId, CancellationToken cancellationToken)
    {
        if (await FindCommand(commandId, cancellationToken) is not { State: ValuationCommandState.Pending }) return;
        using var grace = new CancellationTokenSource(Grace, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(grace.Token, cancellationToken);
        try
        {
            await foreach (var _ in FollowCommand(commandId, either.Token))
            {
                // Pending, then decided, then nothing.
            }
        }
        catch (Exception) when (grace.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // It is answered as it is.
        }
    }

    /// <summary>The events of a valuation behind a version, then each new one.</summary>
    public async IAsyncEnumerable<SseItem<ValuationStepView?>> Follow(
        string valuationId, int afterVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var history = new ValuationHistory(types);
        await foreach (var e in log.FollowStream(valuationId, 0, cancellationToken))
        {
            var step = history.Add(e);
            if (step.Version > afterVersion)
                yield return new SseItem<ValuationStepView?>(step, step.Outcome.ToString().ToLowerInvariant()) { EventId = $"{step.Version}" };
        }
    }

    /// <summary>A command as it is now and, if it is pending, its outcome; then it ends.</summary>
    public async IAsyncEnumerable<SseItem<ValuationCommandView?>> FollowCommand(
        string commandId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The end first, then the command: an outcome that is not there yet comes behind the end.
        var end = await log.End(cancellationToken);
        if (await FindCommand(commandId, cancellationToken) is not { } command) yield break;
        yield return Item(command);
        if (command.State != ValuationCommandState.Pending) yield break;
        await foreach (var e in log.FollowStreamBehind(command.ValuationId, end, cancellationToken))
        {
            // Many may wait for commands of one valuation: only whose it is looks it up.
            if (CommandOf(e) != commandId || await FindCommand(commandId, cancellationToken) is not { State: not ValuationCommandState.Pending } decided) continue;
            yield return Item(decided);
            yield break;
        }

        static SseItem<ValuationCommandView?> Item(ValuationCommandView command) => new(command, command.State.ToString().ToLowerInvariant());
    }

    private string? CommandOf(RecordedEvent outcome) => outcome.Read(types) switch
    {
        ValuationOpened opened => opened.CommandId,
        ValuationChanged changed => changed.CommandId,
        ValuationChangeRejected rejected => rejected.CommandId,
        _ => null,
    };
}
