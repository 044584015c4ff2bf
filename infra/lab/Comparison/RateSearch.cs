using System.Globalization;

namespace EseErp.Lab.Comparison;

/// <summary>A rate that was held for a while.</summary>
/// <param name="Failure">Why it was not carried; null when it was.</param>
internal sealed record RateStep(double Rate, string? Failure)
{
    public bool IsCarried => Failure is null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rate:0}/s {(Failure is null ? "carried" : $"not carried ({Failure})")}");
}

/// <summary>
/// Searches the highest rate that is carried: up until one is not, or down until one is; then one more between the two.
/// </summary>
/// <param name="hold">Holds a rate.</param>
/// <param name="factor">From one step to the next.</param>
internal sealed class RateSearch(Func<double, CancellationToken, Task<RateStep>> hold, double factor)
{
    /// <summary>A mode that carries this is not asked for more.</summary>
    public const double Most = 400;

    /// <summary>A mode that does not carry this carries nothing.</summary>
    public const double Least = 2;

    private const double MostSettleMs = 1000;

    private readonly List<RateStep> _steps = [];

    public IReadOnlyList<RateStep> Steps => _steps;

    public static double Factor(bool quick) => quick ? 2 : 1.6;

    /// <summary>How many returns a step has: enough for a p99, and for some seconds.</summary>
    public static int Returns(double rate, bool quick) => Math.Max(Measured.Fewest + 10, (int)Math.Ceiling(rate * (quick ? 4 : 7)));

    public static string What(bool quick) => string.Create(
        CultureInfo.InvariantCulture,
        $"Rates of {ComparisonRates.Least(quick):0}/s, {Factor(quick):0.#} times as much and so on are held for {(quick ? 4 : 7)} s and at least {Measured.Fewest + 10} returns each, until p99 of settling passes 1 s; then one between the last two. The other figures are of the highest rate that was carried.");

    /// <summary>Whether a round carried its rate: everything was accepted, settled, and 99 of 100 within a second.</summary>
    public static RateStep Judge(double rate, Measured measured) => new(rate, Failure(measured));

    /// <param name="first">To begin with.</param>
    /// <returns>0 when even the least is not carried.</returns>
    public async Task<double> RunAsync(double first, CancellationToken cancellationToken)
    {
        double? carried = null;
        double? tooMuch = null;
        for (var rate = first; tooMuch is null && rate <= Most; rate = Math.Round(rate * factor))
        {
            if (await IsCarriedAsync(rate))
                carried = rate;
            else
                tooMuch = rate;
        }

        for (var rate = Math.Round(first / factor); carried is null && rate >= Least; rate = Math.Round(rate / factor))
        {
            if (await IsCarriedAsync(rate))
                carried = rate;
            else
                tooMuch = rate;
        }

        if (carried is { } low && tooMuch is { } high && Math.Round(Math.Sqrt(low * high)) is var middle && middle > low && middle < high && await IsCarriedAsync(middle))
            carried = middle;
        return carried ?? 0;

        async Task<bool> IsCarriedAsync(double rate)
        {
            var step = await hold(rate, cancellationToken);
            _steps.Add(step);
            return step.IsCarried;
        }
    }

    private static string? Failure(Measured measured)
    {
        if (measured.Accepted < measured.Acceptable)
            return $"{measured.Acceptable - measured.Accepted} were not accepted";
        if (measured.Settled < measured.Accepted)
            return $"{measured.Accepted - measured.Settled} did not settle";
        return measured.Settle.P99 <= MostSettleMs ? null : string.Create(CultureInfo.InvariantCulture, $"p99 of settling {measured.Settle.P99 / 1000:0.0} s");
    }
}
