using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace EseErp.ServiceDefaults;

internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>One metric with its series, one per combination of labels.</summary>
internal sealed class MetricFamily(string name, string help, MetricKind kind, double[] buckets)
{
    /// <summary>More combinations of labels than this share one series: a label with an id in it must not eat the memory.</summary>
    public const int MostSeries = 500;

    private static readonly LabelComparer ByLabels = new();

    private readonly ConcurrentDictionary<Labels, MetricSeries> seriesByLabels = new(ByLabels);
    private readonly Dictionary<string, MetricSeries> seriesByText = new(StringComparer.Ordinal);

    public string Name { get; } = name;

    public MetricKind Kind { get; } = kind;

    public MetricSeries SeriesOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var lookup = seriesByLabels.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        return lookup.TryGetValue(tags, out var series) ? series : Add(tags);
    }

    public void Write(StringBuilder text, long scrape)
    {
        KeyValuePair<string, MetricSeries>[] all;
        lock (seriesByText) all = [.. seriesByText];
        if (all.Length == 0) return;
        text.Append("# HELP ").Append(Name).Append(' ').Append(help.Replace("\\", "\\\\").Replace("\n", " ")).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(Kind switch { MetricKind.Counter => "counter", MetricKind.Gauge => "gauge", _ => "histogram" }).Append('\n');
        foreach (var (labels, series) in all)
        {
            if (series.Scrape is { } seen && seen != scrape) continue; // an observed series that is no longer reported
            if (Kind == MetricKind.Histogram) WriteHistogram(text, labels, series);
            else Line(text, Name, labels, series.Value);
        }
    }

    public static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private MetricSeries Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = Labels.Of(tags);
        lock (seriesByText)
        {
            var overflow = seriesByText.Count >= MostSeries && !seriesByText.ContainsKey(labels.Text);
            var text = overflow ? "overflow=\"true\"" : labels.Text;
            if (!seriesByText.TryGetValue(text, out var series))
                seriesByText.Add(text, series = new MetricSeries(buckets));
            // Tags in another order, too, lead to the same series; past the bound nothing more is remembered.
            if (seriesByLabels.Count < MostSeries * 4) seriesByLabels.TryAdd(labels, series);
            return series;
        }
    }

    private void WriteHistogram(StringBuilder text, string labels, MetricSeries series)
    {
        var (counts, sum) = series.Distribution();
        var prefix = labels.Length > 0 ? labels + "," : string.Empty;
        long total = 0;
        for (var index = 0; index < counts.Length; index++)
        {
            total += counts[index];
            Line(text, Name + "_bucket", $"{prefix}le=\"{(index < buckets.Length ? Number(buckets[index]) : "+Inf")}\"", total);
        }

        Line(text, Name + "_sum", labels, sum);
        Line(text, Name + "_count", labels, total);
    }

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : double.IsNaN(value) ? "NaN"
        : value.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>The value of one metric for one combination of labels.</summary>
internal sealed class MetricSeries(double[] buckets)
{
    private readonly Lock access = new();
    private readonly long[] counts = new long[buckets.Length + 1];
    private double sum;
    private double value;

    public double Value
    {
        get
        {
            lock (access) return value;
        }
    }

    /// <summary>The scrape in which an observable instrument last reported it; null for others.</summary>
    public long? Scrape { get; private set; }

    public void Add(double amount)
    {
        lock (access) value += amount;
    }

    public void Observe(double observed, long scrape, bool add)
    {
        lock (access)
        {
            // Two instruments of one name report into one series within a scrape.
            value = add && Scrape == scrape ? value + observed : observed;
            Scrape = scrape;
        }
    }

    public void Set(double amount)
    {
        lock (access) value = amount;
    }

    public void Record(double amount)
    {
        var bucket = Array.BinarySearch(buckets, amount);
        if (bucket < 0) bucket = ~bucket;
        lock (access)
        {
            counts[bucket]++;
            sum += amount;
        }
    }

    public (long[] Counts, double Sum) Distribution()
    {
        lock (access) return ([.. counts], sum);
    }
}

/// <summary>A combination of labels; looked up by the tags of a measurement without an allocation.</summary>
internal sealed class Labels
{
    private Labels(KeyValuePair<string, object?>[] tags, string text)
    {
        Tags = tags;
        Text = text;
    }

    public KeyValuePair<string, object?>[] Tags { get; }

    /// <summary>As Prometheus writes them, sorted by name.</summary>
    public string Text { get; }

    public static Labels Of(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var copy = tags.ToArray();
        var parts = copy
            .Where(tag => !string.IsNullOrEmpty(tag.Key))
            .GroupBy(tag => MetricName.Of(tag.Key), StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Key}=\"{Escape(Convert.ToString(group.Last().Value, CultureInfo.InvariantCulture) ?? string.Empty)}\"");
        return new Labels(copy, string.Join(',', parts));
    }

    private static string Escape(string value)
    {
        if (value.Length > 200) value = value[..200];
        return value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");
    }
}

internal sealed class LabelComparer
    : IEqualityComparer<Labels>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, Labels>
{
    public bool Equals(Labels? x, Labels? y) => ReferenceEquals(x, y) || (x is not null && y is not null && Equals(x.Tags, y));

    public int GetHashCode(Labels obj) => GetHashCode(obj.Tags);

    public Labels Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => Labels.Of(alternate);

    public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, Labels other)
    {
        if (alternate.Length != other.Tags.Length) return false;
        for (var index = 0; index < alternate.Length; index++)
        {
            if (alternate[index].Key != other.Tags[index].Key || !Equals(alternate[index].Value, other.Tags[index].Value)) return false;
        }

        return true;
    }

    public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        var hash = default(HashCode);
        foreach (var (key, value) in alternate)
        {
            hash.Add(key);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }
}
