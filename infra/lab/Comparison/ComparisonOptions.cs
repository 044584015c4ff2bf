using EseErp.Lab.Returns;
using EseErp.Launcher;

namespace EseErp.Lab.Comparison;

/// <summary>What a comparison is to do; the defaults are those of <c>./ese compare</c>.</summary>
internal sealed record ComparisonOptions
{
    /// <summary>Short rounds: a look in some minutes instead of a measurement.</summary>
    public bool Quick { get; init; }

    /// <summary>Arrivals, wishes and devices follow from it, the same in every mode.</summary>
    public required int Seed { get; init; }

    /// <summary>Only these scenarios; all when empty, and of a quick comparison those that are not too long for a look.</summary>
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

    /// <summary>Another rate than the usual ones, returns per second, for all scenarios but rate; a burst has ten times as many.</summary>
    public double? Wanted { get; init; }

    /// <summary>No scenario begins that would end later than this. A quick comparison of everything ends on slow machines, too.</summary>
    public TimeSpan? Limit => Quick && Scenarios.Count == 0 ? TimeSpan.FromSeconds(210) : null;

    /// <summary>Enough are declined to tell how long that takes.</summary>
    public ReturnMix Mix => new() { Declined = Quick ? 0.15 : 0.1 };

    /// <summary>How the modes are warmed before anything is measured.</summary>
    public WarmUpExtent WarmUp => Quick ? new(Returns: 20, MostWindows: 3, ComparisonRates.Least(Quick)) : new(Returns: 100, MostWindows: 9, ComparisonRates.Least(Quick));

    /// <summary>How long the idle system is looked at.</summary>
    public TimeSpan Idle => TimeSpan.FromSeconds(Quick ? 1.5 : 5);

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
