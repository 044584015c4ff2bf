namespace EseErp.Benchmarks;

/// <summary>Everything that needs the whole system, on one broker.</summary>
internal sealed class EndToEndRun(string broker, string what, Extent extent, Action<string> report)
{
    // Of the library's settings, not of the domain's: every message in a transaction of its own, on its way out and in.
    private static readonly Dictionary<string, string> OneByOne = new()
    {
        ["Ese__Messaging__Consume__BatchSize"] = "1",
        ["Ese__Messaging__RelayBatchSize"] = "1",
    };

    public List<Figure> Figures { get; } = [];

    public List<SettledRound> Rounds { get; } = [];

    public IReadOnlyList<TableShare> Tables { get; private set; } = [];

    /// <summary>Returns one by one: every rate that was held.</summary>
    public IReadOnlyList<RateRound> Rates { get; private set; } = [];

    /// <summary>Returns one by one: the search for the highest rate, the system's and the twin's.</summary>
    public IReadOnlyList<HighestRate> Highest { get; private set; } = [];

    /// <summary>How long each return that met a team in trouble looked well.</summary>
    public IReadOnlyList<Noticed> Noticed { get; private set; } = [];

    /// <summary>What it ran on.</summary>
    public IReadOnlyDictionary<string, string> Machine { get; private set; } = new Dictionary<string, string>();

    public async Task Run(CancellationToken cancellationToken)
    {
        if (what is "notice")
        {
            await RunNotice(cancellationToken);
            return;
        }

        if (what is not ("scale" or "rate" or "traditional" or "start")) await RunOneSystem(cancellationToken);
        if (what is "start" or "all") await RunStarts(cancellationToken);
        if (what is not ("scale" or "rate" or "traditional" or "all")) return;
        if (broker != "postgres")
        {
            report("Replicas, history, and returns one by one are measured on PostgreSQL alone.");
            return;
        }

        if (what is "rate" or "all") await RunRates(RateBenchmark.EventMode, extent.Rate, cancellationToken);
        if (what is "traditional" or "all") await RunRates(RateBenchmark.Traditional, extent.Rate with { Rates = [5, 20] }, cancellationToken);
        if (what is not ("scale" or "all")) return;
        var scale = new ScaleBenchmark(extent, report);
        Figures.AddRange(await scale.Run(cancellationToken));
        Machine = scale.Machine;
    }

    private async Task RunOneSystem(CancellationToken cancellationToken)
    {
        var oneByOne = what is "settled" or "all" ? await MeasureOneByOne(cancellationToken) : (double?)null;
        var (settles, asks) = (what is "settled" or "event" or "all", what is "latency" or "all");
        // Alone, what is idle is the system as `./ese up` runs it.
        await using var system = new SystemUnderTest(
            broker, (settles ? SettledBenchmark.ReturnsOf(extent) : 0) + (asks ? LatencyBenchmark.ReturnsOf(extent) : 0), autoAdvance: what is "idle");
        await system.Start(report, cancellationToken);
        Machine = await system.Describe(cancellationToken);
        var idle = new IdleBenchmark(system, extent, report);
        if (what is "idle" or "all") Figures.AddRange(await idle.Memory("after the start", cancellationToken));
        await system.Sell(cancellationToken);
        if (what is "idle" or "all") Figures.AddRange(await idle.Calm(cancellationToken));
        if (settles)
        {
            var settled = new SettledBenchmark(system, extent, report);
            await settled.RunEventMode(twin: true, cancellationToken);
            if (what is not "event") await settled.RunTraditional(cancellationToken);
            Figures.AddRange(settled.Figures(oneByOne));
            Rounds.AddRange(settled.Rounds);
            Tables = settled.Tables;
        }

        if (asks) Figures.AddRange(await new LatencyBenchmark(system, extent, report).Run(cancellationToken));
        if (what is not ("idle" or "all")) return;
        if (what is "all") Figures.AddRange(await idle.Memory("after the load", cancellationToken));
        Figures.Add(await idle.Starts(cancellationToken));
    }

    private async Task RunStarts(CancellationToken cancellationToken)
    {
        var starts = new StartBenchmark(broker, extent.Rounds, report);
        Figures.AddRange(await starts.Run(cancellationToken));
        Machine = starts.Machine;
    }

    private async Task RunRates(IReadOnlyList<string> modes, RateExtent rates, CancellationToken cancellationToken)
    {
        await using var system = new SystemUnderTest(broker, RateBenchmark.ReturnsOf(rates, modes), autoAdvance: true, countStatements: true);
        await system.Start(report, cancellationToken);
        Machine = await system.Describe(cancellationToken);
        report("Making the demo data…");
        await system.Sell(cancellationToken);
        var benchmark = new RateBenchmark(system, rates, modes, report);
        try
        {
            await benchmark.Run(cancellationToken);
        }
        finally
        {
            // What was measured before something failed or was interrupted is shown as well.
            (Rates, Highest) = ([.. Rates, .. benchmark.Rounds], [.. Highest, .. benchmark.Highest]);
            Figures.AddRange(RateFigures.Of(broker, benchmark));
        }
    }

    private async Task RunNotice(CancellationToken cancellationToken)
    {
        await using var system = new SystemUnderTest(broker, NoticeBenchmark.ReturnsOf(extent.Notice));
        await system.Start(report, cancellationToken);
        Machine = await system.Describe(cancellationToken);
        await system.Sell(cancellationToken);
        var benchmark = new NoticeBenchmark(system, extent.Notice, report);
        try
        {
            await benchmark.Run(cancellationToken);
        }
        finally
        {
            // What was measured before something failed or was interrupted is shown as well.
            Noticed = benchmark.Rounds;
            Figures.AddRange(benchmark.Figures());
        }
    }

    private async Task<double> MeasureOneByOne(CancellationToken cancellationToken)
    {
        var few = extent with { Returns = extent.OneByOne, Rounds = Math.Min(2, extent.Rounds) };
        await using var system = new SystemUnderTest(broker, SettledBenchmark.ReturnsOf(few), OneByOne);
        report("A transaction per message:");
        await system.Start(report, cancellationToken);
        await system.Sell(cancellationToken);
        var benchmark = new SettledBenchmark(system, few, report);
        await benchmark.RunEventMode(twin: false, cancellationToken);
        return benchmark.PerSecond;
    }
}
