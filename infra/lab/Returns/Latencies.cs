using HdrHistogram;

namespace EseErp.Lab.Returns;

/// <summary>Percentiles in milliseconds.</summary>
internal sealed record Percentiles(long Count, double P50, double P95, double P99, double Longest)
{
    /// <summary>The 99th of fewer is their slowest, which is an accident; none is shown then.</summary>
    public const int Fewest = 100;

    public bool IsOfEnough => Count >= Fewest;

    public static Percentiles None { get; } = new(0, 0, 0, 0, 0);
}

/// <summary>
/// How long things took, kept whole as a distribution: 10 microseconds to an hour, to 0.1 %. Safe for use by several
/// threads.
/// </summary>
internal sealed class Latencies
{
    private const long Unit = TimeSpan.TicksPerMicrosecond * 10;
    private const double UnitsPerMillisecond = 100;

    private readonly LongConcurrentHistogram _histogram = new(1, TimeSpan.FromHours(1).Ticks / Unit, 3);

    public void Record(TimeSpan duration) => _histogram.RecordValue(Math.Clamp(duration.Ticks / Unit, 1, TimeSpan.FromHours(1).Ticks / Unit));

    public Percentiles Read()
    {
        if (_histogram.TotalCount == 0)
            return Percentiles.None;
        double At(double percentile) => _histogram.GetValueAtPercentile(percentile) / UnitsPerMillisecond;
        return new Percentiles(_histogram.TotalCount, At(50), At(95), At(99), At(100));
    }

    public static Percentiles Of(IEnumerable<TimeSpan> durations)
    {
        var latencies = new Latencies();
        foreach (var duration in durations)
            latencies.Record(duration);
        return latencies.Read();
    }
}
