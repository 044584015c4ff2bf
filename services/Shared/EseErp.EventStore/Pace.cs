using System.Diagnostics;

namespace EseErp.EventStore;

/// <summary>
/// Keeps what is done again and again a few milliseconds apart, so that a busy service gathers what comes in meanwhile and does it at once. Whoever
/// comes after a pause waits for nothing. The distance grows while somebody comes too early each time, up to the longest, and shrinks
/// again when nobody does: so there is an upper bound on batches a second, and little waiting where there are few.
/// </summary>
/// <param name="longest">Zero: nobody waits.</param>
public sealed class Pace(TimeSpan longest)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(2);

    private TimeSpan _interval = Shortest;
    private long _last = Stopwatch.GetTimestamp() - Stopwatch.Frequency;

    /// <summary>Waits until it is time.</summary>
    public async Task Wait(CancellationToken cancellationToken)
    {
        if (longest == TimeSpan.Zero) return;
        var left = _interval - Stopwatch.GetElapsedTime(_last);
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1), cancellationToken);
            _interval = TimeSpan.FromTicks(Math.Min(_interval.Ticks * 3 / 2, longest.Ticks));
        }
        else
        {
            _interval = TimeSpan.FromTicks(Math.Max(_interval.Ticks / 2, Shortest.Ticks));
        }

        _last = Stopwatch.GetTimestamp();
    }
}
