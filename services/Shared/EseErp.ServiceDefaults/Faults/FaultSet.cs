using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EseErp.ServiceDefaults;

/// <summary>The injected faults of this process. What is left out is no fault.</summary>
/// <param name="Latency">Requests and consumed messages wait before they are processed.</param>
/// <param name="ErrorRate">The share of requests that get 503 before any work, and of consumer attempts that throw.</param>
/// <param name="Hang">Requests and messages wait until the fault is lifted, or the client gives up.</param>
/// <param name="PauseConsumers">The pump takes no batches; later it continues where it was. Affects event mode only.</param>
/// <param name="RefuseConnections">The connection of every request is reset, and nothing of it is done. Affects HTTP only.</param>
/// <param name="DatabaseDelayMilliseconds">The wait before each command to the service's database.</param>
/// <param name="ForSeconds">All faults end after this time; without it they stay until they are lifted or the process ends.</param>
/// <param name="Seed">The same seed draws the same latencies and errors, in the order in which work arrives.</param>
public sealed record FaultSet(
    LatencyFault? Latency = null,
    [property: Range(0d, 1d)] double ErrorRate = 0,
    bool Hang = false,
    bool PauseConsumers = false,
    bool RefuseConnections = false,
    [property: Range(0, 5_000)] int DatabaseDelayMilliseconds = 0,
    [property: Range(0.1, 86_400d)] double? ForSeconds = null,
    [property: Range(0, int.MaxValue)] int? Seed = null)
{
    /// <summary>Nothing.</summary>
    public static FaultSet None { get; } = new();

    /// <summary>The names of the faults that are on, with their measure; as metrics and logs call them.</summary>
    internal IEnumerable<(string Fault, string Measure)> Kinds()
    {
        if (Latency is not null) yield return (FaultNames.Latency, $"{FaultNames.Latency} {Latency}");
        if (ErrorRate > 0) yield return (FaultNames.Errors, string.Create(CultureInfo.InvariantCulture, $"{FaultNames.Errors} {ErrorRate:0.##%}"));
        if (Hang) yield return (FaultNames.Hang, FaultNames.Hang);
        if (PauseConsumers) yield return (FaultNames.PausedConsumers, FaultNames.PausedConsumers);
        if (RefuseConnections) yield return (FaultNames.RefusedConnections, FaultNames.RefusedConnections);
        if (DatabaseDelayMilliseconds > 0) yield return (FaultNames.SlowDatabase, $"{FaultNames.SlowDatabase} {DatabaseDelayMilliseconds} ms");
    }
}

/// <summary>How long work waits before it begins.</summary>
/// <param name="Distribution">Of the waits.</param>
/// <param name="MedianMilliseconds">Half of them are shorter.</param>
/// <param name="JitterMilliseconds">Uniform only: waits are from this much less than the median to this much more.</param>
/// <param name="P95Milliseconds">Lognormal only: one in twenty is longer.</param>
public sealed record LatencyFault(
    LatencyDistribution Distribution,
    [property: Range(0d, LatencyFault.LongestMilliseconds)] double MedianMilliseconds,
    [property: Range(0d, LatencyFault.LongestMilliseconds)] double? JitterMilliseconds = null,
    [property: Range(0d, LatencyFault.LongestMilliseconds)] double? P95Milliseconds = null) : IValidatableObject
{
    /// <summary>No wait is longer, whatever is drawn.</summary>
    public const double LongestMilliseconds = 60_000;

    // The standard normal distribution's 95th percentile.
    private const double P95 = 1.6448536269514722;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (JitterMilliseconds is not null && Distribution != LatencyDistribution.Uniform)
            yield return Fault("jitterMilliseconds", "is for the uniform distribution only");
        if (P95Milliseconds is not null && Distribution != LatencyDistribution.Lognormal)
            yield return Fault("p95Milliseconds", "is for the lognormal distribution only");
        if (Distribution == LatencyDistribution.Uniform && !(JitterMilliseconds <= MedianMilliseconds))
            yield return Fault("jitterMilliseconds", "is required for the uniform distribution, and must not exceed the median");
        if (Distribution == LatencyDistribution.Lognormal && !(P95Milliseconds >= MedianMilliseconds && MedianMilliseconds > 0))
            yield return Fault("p95Milliseconds", "is required for the lognormal distribution, and must not be below the median, which must be above 0");

        static ValidationResult Fault(string member, string reason) => new(reason, [member]);
    }

    /// <summary>Draws one wait.</summary>
    internal TimeSpan Draw(Random random) => TimeSpan.FromMilliseconds(Math.Min(LongestMilliseconds, Distribution switch
    {
        LatencyDistribution.Uniform => MedianMilliseconds + (((2 * random.NextDouble()) - 1) * JitterMilliseconds!.Value),
        LatencyDistribution.Lognormal => MedianMilliseconds * Math.Exp(Normal(random) * Math.Log(P95Milliseconds!.Value / MedianMilliseconds) / P95),
        _ => MedianMilliseconds,
    }));

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(Distribution switch
    {
        LatencyDistribution.Uniform => $"{MedianMilliseconds} ms ± {JitterMilliseconds} ms",
        LatencyDistribution.Lognormal => $"{MedianMilliseconds} ms, p95 {P95Milliseconds} ms",
        _ => (FormattableString)$"{MedianMilliseconds} ms",
    });

    // Box and Muller.
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

/// <summary>How latencies are spread.</summary>
[JsonConverter(typeof(LatencyDistributionConverter))]
public enum LatencyDistribution
{
    /// <summary>Always the median.</summary>
    Constant,

    /// <summary>Evenly around the median.</summary>
    Uniform,

    /// <summary>With a long tail, as real latencies are.</summary>
    Lognormal,
}

/// <summary>Writes them as <c>constant, uniform, lognormal</c>.</summary>
public sealed class LatencyDistributionConverter() : JsonStringEnumConverter<LatencyDistribution>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

/// <summary>What a fault is called in metrics and logs.</summary>
internal static class FaultNames
{
    public const string Latency = "latency";
    public const string Errors = "errors";
    public const string Hang = "hang";
    public const string PausedConsumers = "paused-consumers";
    public const string RefusedConnections = "refused-connections";
    public const string SlowDatabase = "slow-database";
}
