using System.Net.ServerSentEvents;
using EseErp.EventStore;
using EseErp.Tracking.Returns;

namespace EseErp.Tracking.Timeline;

/// <summary>Follows one return or all of them live, for server-sent events. Any replica can serve any stream.</summary>
public sealed class ReturnFeed(ReturnChanges changes, TimelineLog log, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    /// <summary>A return filed a moment ago may be asked for before its first event is here.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>The present state of a return; waits a moment for one that is not known yet.</summary>
    public async Task<ReturnView?> Find(string returnId, CancellationToken cancellationToken)
    {
        if (await View() is { } known) return known;
        using var grace = new CancellationTokenSource(Grace, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(grace.Token, cancellationToken);
        try
        {
            // The end first, then the return: what is not there yet comes behind the end, and all who wait share one reader.
            var end = await log.End(either.Token);
            if (await View() is { } now) return now;
            await foreach (var placed in changes.Follow(end, returnId, either.Token))
                if (placed.Change.Return is { } view) return view;
        }
        catch (Exception) when (grace.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // A cancelled query may also show as a database exception.
        }

        return null;

        async Task<ReturnView?> View() => (await changes.Views([returnId], cancellationToken)).GetValueOrDefault(returnId);
    }

    /// <summary>Every change after a position, until the client leaves or the service stops.</summary>
    /// <param name="returnId">Null: of all returns.</param>
    /// <param name="first">Sent before anything else.</param>
    public IAsyncEnumerable<SseItem<ReturnChange?>> Follow(long after, string? returnId, SseItem<ReturnChange?> first, CancellationToken cancellationToken) => LiveStream.Of(
        token => changes.Follow(after, returnId, token).Select(
            placed => new SseItem<ReturnChange?>(placed.Change, "change") { EventId = LogCursor.Of(placed.Position) }),
        clock, lifetime.ApplicationStopping, cancellationToken, first);
}
