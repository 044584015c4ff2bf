namespace EseErp.Lab.Comparison;

/// <summary>What a comparison measures on which system, and about how long that takes.</summary>
internal sealed class ComparisonPlan
{
    // A guess.
    private const int OfASearch = 1000;

    private readonly ComparisonOptions _options;

    /// <param name="scenarios">In the order in which they are measured.</param>
    public ComparisonPlan(ComparisonOptions options, IReadOnlyList<Scenario> scenarios)
    {
        _options = options;
        Scenarios = scenarios;
        // Measured when all is well, and measured on a system that things happen to.
        Systems = options.Quick ? [scenarios] : [.. scenarios.GroupBy(scenario => scenario.IsDisturbed).Select(group => (IReadOnlyList<Scenario>)[.. group])];
    }

    public IReadOnlyList<Scenario> Scenarios { get; }

    /// <summary>The scenarios of each system.</summary>
    public IReadOnlyList<IReadOnlyList<Scenario>> Systems { get; }

    /// <summary>On two cores that have nothing else to do.</summary>
    public TimeSpan Duration(ComparisonRates rates) =>
        (Systems.Count * System) + Scenarios.Aggregate(TimeSpan.Zero, (sum, scenario) => sum + Duration(scenario, rates));

    /// <inheritdoc cref="Duration(ComparisonRates)" />
    public TimeSpan Duration(Scenario scenario, ComparisonRates rates)
    {
        var round = scenario.Expected(rates.Of(scenario.Load)) + (_options.Quick ? scenario.Aftermath / 2 : scenario.Aftermath) + (scenario.LeadsIn ? LeadIn : TimeSpan.Zero);
        return (ScenarioResult.Modes.Count * scenario.Rounds * round) + (scenario.WarmsAgain ? Warming + TimeSpan.FromSeconds(15) : TimeSpan.Zero);
    }

    /// <summary>How many orders to begin with; more are made where they do not last.</summary>
    public int Orders(IReadOnlyList<Scenario> scenarios, ComparisonRates rates)
    {
        var modes = ScenarioResult.Modes.Count;
        var returns = scenarios.Sum(scenario => modes * scenario.Rounds * (scenario.Load == Load.Rising ? OfASearch : scenario.Arriving(rates.Of(scenario.Load))));
        // Of some orders nothing can be returned, of most more than one device.
        return 600 + (int)returns + (modes * _options.WarmUp.MostWindows * _options.WarmUp.Returns);
    }

    /// <summary>Before each round of a scenario that restarts processes.</summary>
    public static int LeadInReturns => 40;

    private TimeSpan LeadIn => TimeSpan.FromSeconds((LeadInReturns / _options.WarmUp.Rate) + 2);

    private TimeSpan Warming =>
        ScenarioResult.Modes.Count * TimeSpan.FromSeconds((_options.Quick ? 3 : 4) * _options.WarmUp.Returns / _options.WarmUp.Rate) + _options.Idle;

    /// <summary>Until the first scenario of a system begins.</summary>
    public TimeSpan System => Warming + TimeSpan.FromSeconds(_options.Quick ? 28 : 45);
}
