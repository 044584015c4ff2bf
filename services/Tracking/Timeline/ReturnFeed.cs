using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using EseErp.EventStore;
using EseErp.Tracking.Data;
using EseErp.Tracking.Returns;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Tracking.Timeline;

/// <summary>Follows one return or all of them live, for server-sent events. Any replica can serve any stream.</summary>
public sealed class ReturnFeed(TrackingDb db, TimelineLog log, TeamAddresses addresses, TimeProvider clock)
{
    private const int BatchSize = 200;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>A return filed a moment ago may be asked for before its first event is here.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>The present state of a return; waits a moment for one that is not known yet.</summary>
    public async Task<ReturnView?> Find(string returnId, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        while (true)
        {
            var signal = log.NextSignal();
            if ((await Views([returnId], cancellationToken)).GetValueOrDefault(returnId) is { } view) return view;
            if (clock.GetElapsedTime(since) >= Grace) return null;
            await TimelineLog.Wait(signal, cancellationToken);
        }
    }

    /// <summary>Every change after a position, until cancelled; then it ends without an error.</summary>
    /// <param name="returnId">Null: of all returns.</param>
    /// <param name="first">Sent before anything else.</param>
    public async IAsyncEnumerable<SseItem<ReturnChange>> Follow(
        long after, string? returnId, SseItem<ReturnChange> first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Something is sent at once, so that a client knows that it is connected even when nothing happens.
        yield return first;
        var lastSent = clock.GetTimestamp();
        while (!cancellationToken.IsCancellationRequested)
        {
            var signal = log.NextSignal();
            var changes = await UnlessCancelled(Read(after, returnId, cancellationToken), [], cancellationToken);
            foreach (var (position, change) in changes)
            {
                yield return new SseItem<ReturnChange>(change, "change") { EventId = LogCursor.Of(position) };
                after = position;
            }

            if (changes.Count > 0)
            {
                lastSent = clock.GetTimestamp();
                continue;
            }

            if (clock.GetElapsedTime(lastSent) > Heartbeat)
            {
                yield return HeartbeatItem;
                lastSent = clock.GetTimestamp();
            }

            await UnlessCancelled(Wait(signal, cancellationToken), false, cancellationToken);
        }
    }

    /// <summary>Says nothing but that the stream is alive.</summary>
    public static SseItem<ReturnChange> HeartbeatItem => new(new ReturnChange(null, null), "heartbeat");

    private async Task<IReadOnlyList<(long Position, ReturnChange Change)>> Read(
        long after, string? returnId, CancellationToken cancellationToken)
    {
        var rows = await log.Read(after, returnId, BatchSize, cancellationToken);
        if (rows.Count == 0) return [];
        var views = await Views(rows.Select(row => row.ReturnId).Distinct().ToArray(), cancellationToken);
        return rows.Select(row => (row.Position, new ReturnChange(views.GetValueOrDefault(row.ReturnId), row.Item))).ToList();
    }

    private async Task<Dictionary<string, ReturnView>> Views(string[] returnIds, CancellationToken cancellationToken)
    {
        var returns = await db.Returns.AsNoTracking().Where(tracked => returnIds.Contains(tracked.ReturnId)).ToListAsync(cancellationToken);
        return returns.ToDictionary(tracked => tracked.ReturnId, tracked => ReturnView.Of(tracked, addresses));
    }

    private static async Task<bool> Wait(Task signal, CancellationToken cancellationToken)
    {
        await TimelineLog.Wait(signal, cancellationToken);
        return true;
    }

    // The end of the application or of the client's interest is the end of the stream, not an error. A cancelled query may
    // also show as a database exception.
    private static async Task<T> UnlessCancelled<T>(Task<T> work, T otherwise, CancellationToken cancellationToken)
    {
        try
        {
            return await work;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            return otherwise;
        }
    }
}
