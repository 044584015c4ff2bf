using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using EseErp.Contracts.Sales;
using EseErp.EventStore;
using EseErp.Sales.Data;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Sales.Valuations;

/// <summary>Reads and follows valuations and their commands. Any replica can serve any stream.</summary>
public sealed class ValuationFeed(SalesDb db, EventStreams streams, EventLog log, EventLogSignal signal, EventTypes types, TimeProvider clock)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

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
        var since = clock.GetTimestamp();
        while (true)
        {
            var appended = signal.Next();
            if (await FindCommand(commandId, cancellationToken) is not { State: ValuationCommandState.Pending } || clock.GetElapsedTime(since) >= Grace) return;
            await EventLogSignal.Wait(appended, Look, cancellationToken);
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
        await foreach (var _ in log.FollowStreamBehind(command.ValuationId, end, cancellationToken))
        {
            if (await FindCommand(commandId, cancellationToken) is not { State: not ValuationCommandState.Pending } decided) continue;
            yield return Item(decided);
            yield break;
        }

        static SseItem<ValuationCommandView?> Item(ValuationCommandView command) => new(command, command.State.ToString().ToLowerInvariant());
    }
}
