using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace EseErp.EventStore;

/// <summary>Server-sent events that show that they live: <c>heartbeat</c> comes first and when nothing happens for 15 s.</summary>
public static class LiveStream
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Sends what comes until it ends, the client leaves or the service stops; none of these is an error.
    /// </summary>
    /// <param name="follow">What is to be sent; its token is cancelled at the end.</param>
    /// <param name="first">Sent before anything else, instead of a heartbeat.</param>
    /// <param name="stopping">Cancelled when the service stops.</param>
    /// <param name="cancellationToken">Cancelled when the client leaves.</param>
    public static async IAsyncEnumerable<SseItem<T?>> Of<T>(
        Func<CancellationToken, IAsyncEnumerable<SseItem<T?>>> follow, TimeProvider clock, CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken cancellationToken, SseItem<T?>? first = null) where T : class
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        await using var items = follow(either.Token).GetAsyncEnumerator(either.Token);
        // Something is sent at once, so that a client knows that it is connected even when nothing happens.
        yield return first ?? new SseItem<T?>(null, "heartbeat");
        var next = MoveNext(items, either.Token).AsTask();
        try
        {
            while (true)
            {
                if (!await IsInTime(next, clock))
                {
                    yield return new SseItem<T?>(null, "heartbeat");
                    continue;
                }

                if (!await next) yield break;
                yield return items.Current;
                next = MoveNext(items, either.Token).AsTask();
            }
        }
        finally
        {
            await either.CancelAsync();
            await next;
        }
    }

    private static async Task<bool> IsInTime(Task next, TimeProvider clock)
    {
        try
        {
            await next.WaitAsync(Heartbeat, clock);
            return true;
        }
        catch (TimeoutException) when (!next.IsCompleted)
        {
            return false;
        }
    }

    // A cancelled query may also show as a database exception.
    private static async ValueTask<bool> MoveNext<T>(IAsyncEnumerator<T> items, CancellationToken either)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (Exception) when (either.IsCancellationRequested)
        {
            return false;
        }
    }
}
