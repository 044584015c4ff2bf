using System.Diagnostics;

namespace EseErp.Benchmarks;

/// <summary>
/// The first return after a start, in each mode, and what the start took: of a system that rehearses its hot paths before it is ready, and beside it
/// of one that does not. They start in turns, on databases that are there already; while one runs, the other's services have ended.
/// </summary>
internal sealed class StartBenchmark(string broker, int rounds, Action<string> report)
{
    private static readonly string[] Modes = ["event", "traditional"];

    private readonly List<Start> _starts = [];

    /// <summary>What it ran on.</summary>
    public IReadOnlyDictionary<string, string> Machine { get; private set; } = new Dictionary<string, string>();

    public async Task<IReadOnlyList<Figure>> Run(CancellationToken cancellationToken)
    {
        var returns = 2 * rounds * Modes.Length;
        await using var warm = new SystemUnderTest(broker, returns);
        await using var cold = new SystemUnderTest(broker, returns, new Dictionary<string, string> { ["Ese__WarmUpLimit"] = "00:00:00" });
        foreach (var system in new[] { warm, cold })
        {
            await system.Start(report, cancellationToken);
            await system.Sell(cancellationToken);
            await Task.WhenAll(SystemUnderTest.Teams.Select(system.Processes.StopServiceAsync));
        }

        Machine = await warm.Describe(cancellationToken);
        for (var round = 1; round <= rounds; round++)
            foreach (var mode in Modes)
                // Who is first changes, as what the machine does besides may come and go.
                foreach (var system in round % 2 == 0 ? new[] { warm, cold } : [cold, warm])
                    await Measure(system, system == warm, mode, round, cancellationToken);
        return [.. Figures()];
    }

    private async Task Measure(SystemUnderTest system, bool warm, string mode, int round, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(SystemUnderTest.Teams.Select(team => system.Processes.StartServiceAsync(team, cancellationToken)));
        var ready = clock.Elapsed;
        var processor = TimeSpan.FromSeconds(SystemUnderTest.Teams.Sum(team => ProcessFigures.Cpu(system.Processes.ProcessId(team)!.Value).TotalSeconds));
        using var load = new Load(system);
        clock.Restart();
        var (status, _) = await load.File(system.NextDevice(), mode, cancellationToken);
        var start = new Start(warm, mode, ready, processor, clock.Elapsed, status);
        _starts.Add(start);
        report($"{(warm ? "warm" : "cold")} start {round}: ready after {ready.TotalSeconds:0.0} s, {processor.TotalSeconds:0.0} s of processor time; first return in {mode} mode {status} after {start.First.TotalMilliseconds:0} ms (load {ProcessFigures.Load()})");
        await Task.WhenAll(SystemUnderTest.Teams.Select(system.Processes.StopServiceAsync));
    }

    private IEnumerable<Figure> Figures()
    {
        foreach (var mode in Modes)
        {
            foreach (var warm in new[] { true, false })
                yield return new Figure(
                    broker, $"first return in {mode} mode{(warm ? "" : ", without warm-up")}", Middle(Of(warm, mode), start => start.First.TotalMilliseconds), "ms",
                    warm ? Target.Most(1_000) : null, $"{Range(Of(warm, mode), start => start.First.TotalMilliseconds)}; {Of(warm, mode).Count(start => start.Status < 300)} of {rounds} answered in full");
        }

        foreach (var warm in new[] { true, false })
        {
            var starts = _starts.Where(start => start.Warm == warm).ToList();
            var how = warm ? "" : ", without warm-up";
            yield return new Figure(broker, $"all services ready{how}", Middle(starts, start => start.Ready.TotalSeconds), "s", null, Range(starts, start => start.Ready.TotalSeconds));
            yield return new Figure(broker, $"processor time until ready{how}", Middle(starts, start => start.Processor.TotalSeconds), "s", null, Range(starts, start => start.Processor.TotalSeconds));
        }
    }

    private List<Start> Of(bool warm, string mode) => _starts.FindAll(start => start.Warm == warm && start.Mode == mode);

    private static double Middle(IEnumerable<Start> starts, Func<Start, double> value) => Figure.Middle(starts.Select(value));

    private static string Range(IReadOnlyCollection<Start> starts, Func<Start, double> value) =>
        $"{Figure.Show(starts.Min(value))} to {Figure.Show(starts.Max(value))} of {starts.Count} starts";

    /// <param name="Ready">From the first process to the last service that is ready.</param>
    /// <param name="Processor">Of all services, until then.</param>
    /// <param name="First">From the request to its answer.</param>
    private sealed record Start(bool Warm, string Mode, TimeSpan Ready, TimeSpan Processor, TimeSpan First, int Status);
}
