namespace EseErp.Launcher.Comparison;

/// <summary>How many returns a second arrive, by what is measured with them.</summary>
internal sealed class ComparisonRates(ComparisonOptions options)
{
    /// <summary>The meaningful rate is not lower, whatever a mode carries.</summary>
    public const double LeastMeaningful = 20;

    private const double ShareOfTheSlowest = 0.25;

    private double? _slowest;

    /// <summary>While something is wrong. Two slow cores stand it in every mode.</summary>
    public double Usual => options.Wanted ?? (options.Quick ? 4 : 8);

    /// <summary>When all is well: the higher of <see cref="LeastMeaningful"/> and a quarter of what the slowest mode carries.</summary>
    public double Meaningful => options.Wanted ?? Math.Max(LeastMeaningful, Math.Round(ShareOfTheSlowest * (_slowest ?? 0)));

    /// <summary>For the first returns after a start.</summary>
    public double Gentle => options.Wanted ?? 5;

    /// <summary>How the meaningful rate came about.</summary>
    public string Basis => options.Wanted is not null ? "asked for"
        : _slowest is not { } slowest ? $"{LeastMeaningful:0}/s, as what the modes carry was not measured"
        : FormattableString.Invariant($"the higher of {LeastMeaningful:0}/s and a quarter of what the slowest mode carries, {slowest:0.#}/s")
            + (slowest < Meaningful ? "; more than that mode carries, so its queue grows" : "");

    public double Of(Load load) => load switch
    {
        Load.Usual => Usual,
        Load.Gentle => Gentle,
        // A search has rates of its own; where this matters it is only how many returns to expect.
        _ => Meaningful,
    };

    /// <summary>Hears what each mode carries.</summary>
    public void Learn(ScenarioResult result) =>
        _slowest = ScenarioResult.Modes.Select(mode => result.Read(Figure.Named("carried"), mode)).Min() ?? _slowest;
}
