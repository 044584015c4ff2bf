using EseErp.Launcher;

namespace EseErp.Lab.Chaos;

/// <summary>What a chaos run is to do; the defaults are those of <c>./ese chaos</c>.</summary>
internal sealed record ChaosOptions
{
    /// <summary>Brokers a run can be made with.</summary>
    public static IReadOnlyList<string> Brokers { get; } = ["postgres", "kafka"];

    public int Faults { get; init; } = 20;

    public int Returns { get; init; } = 2000;

    /// <summary>The plan of faults and returns follows from it and the numbers above.</summary>
    public required int Seed { get; init; }

    public string Broker { get; init; } = "postgres";

    /// <summary>From 0 to 1: how many of the returns are driven by User Support; for half of those somebody waits.</summary>
    public double TraditionalShare { get; init; } = 0.3;

    /// <summary>Holds each run's data and logs while it lasts, and its report.</summary>
    public string Directory { get; init; } = Path.Combine(Checkout.WorkDirectory, "chaos");

    /// <summary>Where the report goes; into <see cref="Directory"/> when null.</summary>
    public string? Json { get; init; }

    /// <summary>Data and logs of the system stay; otherwise they are deleted unless a promise broke.</summary>
    public bool Keep { get; init; }

    /// <summary>After the last fault the run waits as long as it takes, but no longer than this without any progress.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Hears, in sentences, what happens.</summary>
    public Action<string> Report { get; init; } = _ => { };
}
