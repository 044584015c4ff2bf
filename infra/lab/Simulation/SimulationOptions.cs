using EseErp.Lab.Returns;

namespace EseErp.Lab.Simulation;

/// <summary>What clients do; the defaults are those of <c>./ese simulate</c>.</summary>
internal sealed record SimulationOptions
{
    public const string Mixed = "mixed";

    public static IReadOnlyList<string> Modes { get; } = [PlannedReturn.Event, PlannedReturn.Traditional, PlannedReturn.TraditionalAsync, Mixed];

    public int Clients { get; init; } = 4;

    /// <summary>Returns per second, of all clients together.</summary>
    public double Rate { get; init; } = 10;

    public TimeSpan For { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>When which return is filed by whom follows from it; the devices depend on which orders there are.</summary>
    public required int Seed { get; init; }

    public ReturnMix Mix { get; init; } = new() { Traditional = 0.33, TraditionalAsync = 0.33, Refused = 0.02 };

    /// <summary>How long a client insists on an answer.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>After the last return it waits for the teams as long as anything moves, and this long when nothing does.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Where nothing moves by itself: from one physical step of an item to the next.</summary>
    public TimeSpan StepDelay { get; init; } = TimeSpan.FromSeconds(1);
}
