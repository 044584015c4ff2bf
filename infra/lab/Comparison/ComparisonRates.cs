namespace EseErp.Lab.Comparison;

/// <summary>How many returns a second arrive, by what is measured with them.</summary>
internal sealed class ComparisonRates(ComparisonOptions options)
{
    private const double ShareOfTheSlowest = 0.25;

    private double? _slowest;

    /// <summary>The meaningful rate is not lower, whatever a mode carries. In a look code is hardly optimised, and carries less.</summary>
    public static double Least(bool quick) => quick ? 10 : 20;

    /// <summary>While something is wrong. Two slow cores stand it in every mode.</summary>
    public double Usual => options.Wanted ?? (options.Quick ? 4 : 8);

    /// <summary>When all is well: the higher of <see cref="Least"/> and a quarter of what the slowest mode carries.</summary>
    public double Meaningful => options.Wanted ?? Math.Max(Least(options.Quick), Math.Round(ShareOfTheSlowest * (_slowest ?? 0)));

    /// <summary>For the first returns after a start.</summary>
    public double Gentle => options.Wanted ?? 5;

    /// <summary>How the meaningful rate came about.</summary>
    public string Basis => options.Wanted is not null ? "asked for"
        : _slowest is not { } slowest ? $"{Least(options.Quick):0}/s, as what the modes carry was not measured"
        : FormattableString.Invariant($"the higher of {Least(options.Quick):0}/s and a quarter of what the slowest mode carries, {slowest:0.#}/s")
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
