using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace EseErp.EventStore;

/// <summary>Where a <see cref="LiveLog{T}"/> reads.</summary>
public interface ILiveSource<T>
{
    /// <summary>How long the reader waits for a signal before it looks all the same.</summary>
    TimeSpan PollInterval { get; }

    /// <summary>How far apart its reads are, so that many commits make one page; zero for none.</summary>
    TimeSpan Gather { get; }

    /// <summary>Its place in the log.</summary>
    long PositionOf(T item);

    /// <summary>Roughly how many bytes it takes.</summary>
    int SizeOf(T item);

    /// <summary>A position up to which everything is decided: what comes later lies behind it. As late as can be told without waiting long.</summary>
    Task<long> End(CancellationToken cancellationToken);

    /// <summary>The next items after a position, in order; nothing can appear before or between them any more.</summary>
    /// <returns>The items, and whether more is there that waits for an open transaction.</returns>
    Task<(IReadOnlyList<T> Items, bool IsBlocked)> Read(long after, CancellationToken cancellationToken);
}

/// <summary>
/// One reader of a log for all who follow it live in this process: a commit costs one read, however many follow. It reads while somebody
/// follows, and keeps the latest items. A follower keeps nothing but its place: who is behind what is kept, because it begins in the past or is too
/// slow, reads for itself until it has caught up, and nobody waits for it.
/// </summary>
/// <param name="signal">Set when something was committed in this process.</param>
public sealed partial class LiveLog<T>(ILiveSource<T> source, EventLogSignal signal, ILogger<LiveLog<T>> log) : IDisposable
{
    /// <summary>Most items that are kept.</summary>
    public const int MostItems = 1000;

    /// <summary>Most bytes that are kept.</summary>
    public const int MostBytes = 8 * 1024 * 1024;

    private const int SliceSize = 100;
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestBlockedWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private LiveWindow<T>? _window;
    private CancellationTokenSource? _reading;
    private int _followers;

    /// <summary>Every wanted item after a position, in order, then each new one until cancelled.</summary>
    /// <param name="wanted">Which ones.</param>
    /// <param name="catchUp">
    /// Reads wanted items after the first position and up to the second, in order, at most <paramref name="pageSize"/>; up to there everything is decided.
    /// </param>
    public async IAsyncEnumerable<T> Follow(
        long after, Func<T, bool> wanted, Func<long, long, CancellationToken, Task<IReadOnlyList<T>>> catchUp, int pageSize,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var window = Join();
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var moved = window.Moved;
                if (window.IsBehind(after, out var upTo))
                {
                    var missed = await catchUp(after, upTo, cancellationToken);
                    foreach (var item in missed)
                    {
                        yield return item;
                        after = source.PositionOf(item);
                    }

                    // Otherwise a follower of something rare would go through the same others again and again.
                    if (missed.Count < pageSize) after = Math.Max(after, upTo);
                    continue;
                }

                var slice = window.After(after, SliceSize);
                foreach (var item in slice)
                {
                    if (wanted(item)) yield return item;
                    after = source.PositionOf(item);
                }

                if (slice.Count == 0) await moved.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            Leave();
        }
    }

    public void Dispose()
    {
        lock (_lock) _reading?.Cancel();
    }

    private LiveWindow<T> Join()
    {
        lock (_lock)
        {
            _followers++;
            if (_window is { } window) return window;
            window = _window = new LiveWindow<T>(source, MostItems, MostBytes);
            _reading = new CancellationTokenSource();
            var stop = _reading.Token;
            _ = Task.Run(() => Read(window, stop), CancellationToken.None);
            return window;
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_followers > 0) return;
            _reading!.Cancel();
            (_reading, _window) = (null, null);
        }
    }

    private async Task Read(LiveWindow<T> window, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var after = await source.End(stop);
                window.BeginAt(after);
                await Read(window, after, stop);
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                // The database is away, and may come back from an older copy. Followers wait.
                window.Forget();
                LogInterrupted(exception.Message);
                await Task.Delay(PauseAfterFailure, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception)
            {
                return;
            }
        }
    }

    private async Task Read(LiveWindow<T> window, long after, CancellationToken stop)
    {
        for (var wait = ShortestWait; ;)
        {
            var appended = signal.Next();
            var (items, isBlocked) = await source.Read(after, stop);
            if (items.Count > 0)
            {
                window.Add(items);
                after = source.PositionOf(items[^1]);
                wait = ShortestWait;
                if (source.Gather > TimeSpan.Zero) await Task.Delay(source.Gather, stop);
                continue;
            }

            // The end of the transaction that hides an item gives no signal: look again soon, then ever less.
            await EventLogSignal.Wait(appended, isBlocked ? wait : source.PollInterval, stop);
            wait = isBlocked ? TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, LongestBlockedWait.Ticks)) : ShortestWait;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Live streams wait because the log cannot be read: {Reason}")]
    private partial void LogInterrupted(string reason);
}
