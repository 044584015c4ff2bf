using System.Globalization;

namespace EseErp.Benchmarks;

/// <summary>What is wanted of a figure.</summary>
internal sealed record Target(double Value, bool AtLeast)
{
    public static Target Least(double value) => new(value, true);

    public static Target Most(double value) => new(value, false);

    public bool IsMetBy(double value) => AtLeast ? value >= Value : value <= Value;

    public override string ToString() => $"{(AtLeast ? "≥" : "≤")} {Figure.Show(Value)}";
}

/// <summary>One figure of the whole system, with what is wanted of it.</summary>
/// <param name="Remark">What is needed to read it.</param>
internal sealed record Figure(string Broker, string What, double Value, string Unit, Target? Target = null, string Remark = "")
{
    public static IReadOnlyList<string> Headers { get; } = ["broker", "what", "figure", "target", "met", "remark"];

    public bool? IsMet => Target?.IsMetBy(Value);

    public IReadOnlyList<string> Row() =>
        [Broker, What, $"{Show(Value)} {Unit}".Trim(), Target?.ToString() ?? "", IsMet switch { true => "yes", false => "no", null => "" }, Remark];

    public static string Show(double value) => value.ToString(Math.Abs(value) switch { >= 100 => "N0", >= 10 => "N1", _ => "N2" }, CultureInfo.InvariantCulture);

    public static double Middle(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>The value that a share of them does not exceed.</summary>
    public static double Quantile(IReadOnlyList<double> sorted, double share) => sorted[Math.Clamp((int)Math.Ceiling(sorted.Count * share) - 1, 0, sorted.Count - 1)];
}

/// <summary>How much is measured.</summary>
/// <param name="Returns">Returns of a round in event mode.</param>
/// <param name="Rounds">Rounds that count; one more goes before them.</param>
internal sealed record Extent(
    int Returns, int Rounds, int Traditional, int OneByOne, TimeSpan OpenLoop, TimeSpan Idle, IReadOnlyList<int> Histories, RateExtent Rate, NoticeExtent Notice)
{
    public static Extent Full { get; } = new(
        5_000, 5, 400, 1_000, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20), [10, 100],
        new RateExtent([5, 20, 50, 100], 3, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10)), NoticeExtent.Full);

    public static Extent Quick { get; } = new(
        1_500, 2, 100, 200, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), [10],
        new RateExtent([20, 50], 1, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)), NoticeExtent.Quick);
}

/// <summary>How much is measured of returns that come one by one.</summary>
/// <param name="Rates">Returns a second.</param>
/// <param name="Rounds">How often each rate is held.</param>
/// <param name="Hold">How long a rate is held.</param>
/// <param name="Idle">How long the idle system is looked at before each.</param>
internal sealed record RateExtent(IReadOnlyList<int> Rates, int Rounds, TimeSpan Hold, TimeSpan Idle);
