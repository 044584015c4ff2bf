using System.Diagnostics;

namespace EseErp.Lab.Chaos;

/// <summary>
/// Spreads the returns evenly over the faults, however long each of those takes: while one gap between faults lasts, one
/// gap's share of the returns is filed. While it is held nothing is filed, and no gap ends: each fault still has its share.
/// </summary>
internal sealed class Pace(int gaps)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = new();
    private int _begun;
    private TimeSpan _gap;

    /// <summary>Whether the system has so much to do that nothing is added for now.</summary>
    public bool IsHeld { get; set; }

    /// <summary>How much may have been filed by now, from 0 to 1.</summary>
    public double Share
    {
        get
        {
            lock (_gate)
                return _begun == 0 ? 0 : Math.Min(1, (_begun - 1 + Math.Min(1, _clock.Elapsed / _gap)) / gaps);
        }
    }

    /// <summary>Waits through the next gap.</summary>
    public async Task PassAsync(TimeSpan gap, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _begun++;
            _gap = gap;
            _clock.Restart();
        }

        await Task.Delay(gap, cancellationToken);
        while (IsHeld)
            await Task.Delay(s_look, cancellationToken);
    }
}
