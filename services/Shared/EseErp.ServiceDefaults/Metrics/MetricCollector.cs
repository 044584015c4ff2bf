using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;

namespace EseErp.ServiceDefaults;

/// <summary>
/// Collects what the service's meters report and writes it in Prometheus' text format. A collector of our own because no
/// exporter package is at hand everywhere this is built; it knows no more than the format's basics, which suffice.
/// </summary>
internal sealed class MetricCollector : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
    private static readonly double[] Counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

    private readonly ConcurrentDictionary<string, MetricFamily> families = new(StringComparer.Ordinal);
    private readonly Lock scraping = new();
    private readonly MeterListener listener = new();
    private readonly ILogger<MetricCollector> logger;
    private readonly DateTimeOffset startedAt;
    private long scrape;

    public MetricCollector(ILogger<MetricCollector> logger, TimeProvider clock)
    {
        this.logger = logger;
        startedAt = clock.GetUtcNow();
        listener.InstrumentPublished = Listen;
        listener.SetMeasurementEventCallback<long>(static (instrument, value, tags, family) => Take(instrument, value, tags, family));
        listener.SetMeasurementEventCallback<int>(static (instrument, value, tags, family) => Take(instrument, value, tags, family));
        listener.SetMeasurementEventCallback<short>(static (instrument, value, tags, family) => Take(instrument, value, tags, family));
        listener.SetMeasurementEventCallback<byte>(static (instrument, value, tags, family) => Take(instrument, value, tags, family));
        listener.SetMeasurementEventCallback<double>(static (instrument, value, tags, family) => Take(instrument, value, tags, family));
        listener.SetMeasurementEventCallback<float>(static (instrument, value, tags, family) => Take(instrument, value, tags, family));
        listener.SetMeasurementEventCallback<decimal>(static (instrument, value, tags, family) => Take(instrument, (double)value, tags, family));
        listener.Start();
    }

    public void Dispose() => listener.Dispose();

    public string Scrape()
    {
        var text = new StringBuilder(16 * 1024);
        lock (scraping)
        {
            scrape++;
            try
            {
                listener.RecordObservableInstruments();
            }
            catch (AggregateException exception)
            {
                // The instruments that can be read are still reported.
                logger.LogWarning(exception, "A metric could not be observed");
            }

            foreach (var family in families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
                family.Write(text, scrape);
        }

        WriteProcess(text);
        return text.ToString();
    }

    private static void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var (family, collector, replaces) = (Subscription)state!;
        var series = family.SeriesOf(tags);
        if (instrument.IsObservable) series.Observe(value, collector.scrape, add: family.Kind == MetricKind.Counter);
        else if (family.Kind == MetricKind.Histogram) series.Record(value);
        else if (replaces) series.Set(value);
        else series.Add(value);
    }

    private static bool IsWanted(Instrument instrument) =>
        instrument.Meter.Name.StartsWith("EseErp.", StringComparison.Ordinal)
        || (instrument.Meter.Name == "Microsoft.AspNetCore.Hosting" && instrument.Name == "http.server.request.duration");

    private static MetricKind KindOf(Instrument instrument)
    {
        var type = GenericTypeOf(instrument);
        return type == typeof(Histogram<>) ? MetricKind.Histogram
            : type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : MetricKind.Gauge;
    }

    private static Type GenericTypeOf(Instrument instrument) =>
        instrument.GetType() is { IsGenericType: true } type ? type.GetGenericTypeDefinition() : instrument.GetType();

    private void Listen(Instrument instrument, MeterListener subscriber)
    {
        if (!IsWanted(instrument)) return;
        var kind = KindOf(instrument);
        var name = MetricName.Of(instrument.Name, instrument.Unit, kind);
        var family = families.GetOrAdd(
            name, static (key, from) => new MetricFamily(key, from.instrument.Description ?? from.instrument.Name, from.kind, BucketsOf(from.instrument, from.kind)), (instrument, kind));
        if (family.Kind == kind) subscriber.EnableMeasurementEvents(instrument, new Subscription(family, this, GenericTypeOf(instrument) == typeof(Gauge<>)));
    }

    private static double[] BucketsOf(Instrument instrument, MetricKind kind)
    {
        if (kind != MetricKind.Histogram) return [];
        var advised = instrument switch
        {
            Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries?.ToArray(),
            Histogram<long> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(Convert.ToDouble).ToArray(),
            Histogram<int> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(Convert.ToDouble).ToArray(),
            _ => null,
        };
        return advised is { Length: > 0 } ? advised
            : instrument.Unit == "s" ? Seconds
            : instrument.Unit == "ms" ? [.. Seconds.Select(bound => bound * 1000)]
            : Counts;
    }

    private void WriteProcess(StringBuilder text)
    {
        var usage = Environment.CpuUsage;
        Write("process_cpu_seconds_total", "counter", "User and system time of the process.", usage.TotalTime.TotalSeconds);
        Write("process_resident_memory_bytes", "gauge", "Working set of the process.", Environment.WorkingSet);
        Write("process_start_time_seconds", "gauge", "Start of the process since 1970.", startedAt.ToUnixTimeMilliseconds() / 1000d);
        Write("dotnet_gc_heap_bytes", "gauge", "Managed heap.", GC.GetTotalMemory(forceFullCollection: false));
        Write("dotnet_gc_collections_total", "counter", "Collections of the oldest generation.", GC.CollectionCount(GC.MaxGeneration));
        Write("dotnet_threadpool_queue_length", "gauge", "Work waiting for a thread.", ThreadPool.PendingWorkItemCount);

        void Write(string name, string type, string help, double value)
        {
            text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
            MetricFamily.Line(text, name, string.Empty, value);
        }
    }

    private sealed record Subscription(MetricFamily Family, MetricCollector Collector, bool Replaces);
}

/// <summary>Names as Prometheus wants them: unit in the name, counters end in <c>_total</c>.</summary>
internal static class MetricName
{
    public static string Of(string name)
    {
        var characters = name.Select(character => char.IsAsciiLetterOrDigit(character) ? character : '_').ToArray();
        return characters.Length > 0 && char.IsAsciiDigit(characters[0]) ? "_" + new string(characters) : new string(characters);
    }

    public static string Of(string name, string? unit, MetricKind kind)
    {
        var result = Of(name);
        var suffix = unit switch { "s" => "_seconds", "ms" => "_milliseconds", "By" => "_bytes", _ => string.Empty };
        if (!result.EndsWith(suffix, StringComparison.Ordinal)) result += suffix;
        return kind == MetricKind.Counter && !result.EndsWith("_total", StringComparison.Ordinal) ? result + "_total" : result;
    }
}
