using EseErp.Launcher.Returns;

namespace EseErp.Launcher.Comparison;

/// <summary>What a comparison is to do; the defaults are those of <c>./ese compare</c>.</summary>
internal sealed record ComparisonOptions
{
    /// <summary>Short rounds: a look in some minutes instead of a measurement.</summary>
    public bool Quick { get; init; }

    /// <summary>Arrivals, wishes and devices follow from it, the same in both modes.</summary>
    public required int Seed { get; init; }

    /// <summary>Only these scenarios; all when empty.</summary>
    public IReadOnlyList<string> Scenarios { get; init; } = [];

    /// <summary>Holds data and logs while it lasts, and the reports.</summary>
    public string Directory { get; init; } = Path.Combine(Checkout.WorkDirectory, "compare");

    /// <summary>Where the JSON goes; into <see cref="Directory"/> when null. The HTML report goes beside it.</summary>
    public string? Json { get; init; }

    /// <summary>Data and logs stay; otherwise they are deleted unless a return is not accounted for.</summary>
    public bool Keep { get; init; }

    /// <summary>For tests: sees each system before it is started.</summary>
    public Action<ComparedSystem> Prepare { get; init; } = _ => { };

    /// <summary>Hears, in sentences, what happens.</summary>
    public Action<string> Report { get; init; } = _ => { };

    /// <summary>Returns per second, but for a burst.</summary>
    public double Rate => Wanted ?? (Quick ? 4 : 2);

    /// <summary>Another rate than the usual one, which two slow cores can stand in both modes.</summary>
    public double? Wanted { get; init; }

    /// <summary>Few are declined, and of the few of a quick round one has to be.</summary>
    public ReturnMix Mix => new() { Declined = Quick ? 0.15 : 0.05 };

    /// <summary>Before anything is measured, in each mode.</summary>
    public TimeSpan WarmUp => TimeSpan.FromSeconds(Quick ? 2 : 15);

    /// <summary>How long an item waits for each physical step.</summary>
    public TimeSpan ItemStep => TimeSpan.FromMilliseconds(Quick ? 100 : 200);

    /// <summary>
    /// How often .NET lets a method be called before it compiles it again, optimised; 30 is usual. Of what runs for some seconds
    /// only, less is worth it.
    /// </summary>
    public int CallsBeforeOptimising => Quick ? 8192 : 30;

    /// <summary>After a round it waits as long as anything moves, and this long when nothing does.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(Quick ? 20 : 60);
}
