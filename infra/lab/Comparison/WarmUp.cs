using System.Globalization;

namespace EseErp.Lab.Comparison;

/// <summary>How a mode is warmed.</summary>
/// <param name="Returns">In a window.</param>
/// <param name="MostWindows">No more, settled or not.</param>
/// <param name="Rate">Returns per second.</param>
internal sealed record WarmUpExtent(int Returns, int MostWindows, double Rate)
{
    /// <summary>No window begins later: a system that does not keep up is not warmed for ever.</summary>
    public TimeSpan Longest => 1.5 * MostWindows * TimeSpan.FromSeconds(Returns / Rate);
}

/// <summary>Some returns in a row while a mode is warmed.</summary>
/// <param name="P50">Of the answers, in milliseconds.</param>
/// <param name="CpuMs">Processor time of the whole system a return; null where it cannot be known.</param>
internal sealed record WarmUpWindow(double P50, double? CpuMs);

/// <summary>How a mode was warmed on one system.</summary>
/// <param name="System">From 1, in the order in which systems were started.</param>
/// <param name="Settled">False when the last window that was allowed still differed.</param>
internal sealed record WarmUp(int System, string Mode, IReadOnlyList<WarmUpWindow> Windows, int Returns, double Seconds, bool Settled)
{
    /// <summary>So many windows in a row must be alike.</summary>
    public const int Alike = 3;

    /// <summary>The largest of them is at most so many times the smallest.</summary>
    public const double Tolerance = 1.15;

    /// <summary>How it is judged, for people.</summary>
    public static string Rule { get; } = string.Create(
        CultureInfo.InvariantCulture, $"warm means: p50 of the answers and processor time per return of {Alike} windows in a row are within {100 * (Tolerance - 1):0} %");

    public string Sentence => string.Create(
        CultureInfo.InvariantCulture,
        $"{Mode} {(Settled ? "is warm" : "had NOT settled")} after {Seconds:0} s and {Returns} returns: p50 {List(window => window.P50)} ms, processor time per return {List(window => window.CpuMs)} ms (system {System})");

    /// <summary>Whether the last windows are alike.</summary>
    public static bool HasSettled(IReadOnlyList<WarmUpWindow> windows)
    {
        if (windows.Count < Alike)
            return false;
        var last = windows.Skip(windows.Count - Alike).ToList();
        return AreAlike([.. last.Select(window => (double?)window.P50)]) && AreAlike([.. last.Select(window => window.CpuMs)]);
    }

    private static bool AreAlike(IReadOnlyList<double?> values) => values.All(value => value is null) || values.Max() <= Tolerance * values.Min();

    private string List(Func<WarmUpWindow, double?> of) => string.Join(", ", Windows.Select(window => of(window) is { } value ? value.ToString("0.#", CultureInfo.InvariantCulture) : "?"));
}
