namespace EseErp.Launcher.Api;

/// <summary>What is to go wrong in a service; what is left out does not. The members mean what they mean in <c>PUT /faults</c>.</summary>
public sealed record FaultSettings
{
    /// <summary>Nothing.</summary>
    public static FaultSettings None { get; } = new();

    /// <summary>Requests and messages wait before they are worked on.</summary>
    public LatencySettings? Latency { get; init; }

    /// <summary>From 0 to 1: requests answered 503, consumer attempts that throw.</summary>
    public double ErrorRate { get; init; }

    /// <summary>Requests and messages wait until this is lifted.</summary>
    public bool Hang { get; init; }

    /// <summary>No batch is taken from the broker.</summary>
    public bool PauseConsumers { get; init; }

    /// <summary>Every request's connection is reset.</summary>
    public bool RefuseConnections { get; init; }

    /// <summary>Before each command to the database; at most 5,000.</summary>
    public int DatabaseDelayMilliseconds { get; init; }

    /// <summary>After which all of it lifts itself; null for when it is lifted.</summary>
    public double? ForSeconds { get; init; }

    /// <summary>The same seed draws the same latencies and errors.</summary>
    public int? Seed { get; init; }
}

/// <summary>How long work waits.</summary>
/// <param name="Distribution"><c>constant</c>, <c>uniform</c> or <c>lognormal</c>.</param>
/// <param name="MedianMilliseconds">At most 60,000.</param>
/// <param name="JitterMilliseconds">Uniform: more or less than the median by up to this.</param>
/// <param name="P95Milliseconds">Lognormal: one in twenty waits longer.</param>
public sealed record LatencySettings(
    string Distribution, double MedianMilliseconds, double? JitterMilliseconds = null, double? P95Milliseconds = null)
{
    /// <summary>Always the same.</summary>
    public static LatencySettings Constant(TimeSpan time) => new("constant", time.TotalMilliseconds);

    /// <summary>Evenly spread around the median.</summary>
    public static LatencySettings Uniform(TimeSpan median, TimeSpan jitter) => new("uniform", median.TotalMilliseconds, JitterMilliseconds: jitter.TotalMilliseconds);

    /// <summary>With a long tail.</summary>
    public static LatencySettings Lognormal(TimeSpan median, TimeSpan p95) => new("lognormal", median.TotalMilliseconds, P95Milliseconds: p95.TotalMilliseconds);
}

/// <summary>The faults of a service as it tells them.</summary>
/// <param name="SetAt">Null when nothing is set.</param>
/// <param name="LiftsAt">Null when it does not lift itself.</param>
public sealed record FaultState(FaultSettings Faults, DateTimeOffset? SetAt, DateTimeOffset? LiftsAt);
