using System.Diagnostics;
using System.Globalization;
using EseErp.Launcher;

namespace EseErp.Benchmarks;

/// <summary>One rate, held for a while, and what a return took meanwhile, from its request to its end for every team.</summary>
internal sealed record RateRound(string Of, int Round, RateStep Step, ReturnCost Cost, string Load);

/// <summary>The highest rate that was carried, and the steps of the search.</summary>
/// <param name="IsBound">False when the highest rate that was tried was carried as well.</param>
internal sealed record HighestRate(string Of, int Rate, bool IsBound, IReadOnlyList<RateStep> Steps);

/// <summary>
/// What one return costs when returns come one by one: processor time, answers, time to settle, commits and statements at fixed
/// rates, and the highest rate that is carried. Event mode beside a raw twin that makes the same business transactions; traditional mode with
/// a caller who waits and with one who does not.
/// </summary>
/// <param name="modes">One after the other on one system.</param>
internal sealed class RateBenchmark(SystemUnderTest system, RateExtent extent, IReadOnlyList<string> modes, Action<string> report)
{
    /// <summary>The modes of <c>bench rate</c>, and those of <c>bench traditional</c>.</summary>
    public static readonly IReadOnlyList<string> EventMode = ["event"], Traditional = ["traditional", "traditional-async"];

    private const int Lives = 1_000;

    private const int WarmUpReturns = 1_200;
    private const int WarmUpClients = 16;
    private const int WarmUpRate = 20;
    private const int LastStep = 300;
    private const int LastTwinStep = 1_000;

    private static readonly TimeSpan WarmUpHold = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    // As the warehouse and the workbench in demo pace.
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    public List<RateRound> Rounds { get; } = [];

    public List<HighestRate> Highest { get; } = [];

    /// <summary>Returns a second from request to end, with clients that file one after the other; by mode.</summary>
    public List<(string Of, double PerSecond)> Whole { get; } = [];

    private static IEnumerable<int> Steps => [25, .. Enumerable.Range(1, 8).Select(step => 50 * step), .. Enumerable.Range(5, 6).Select(step => 100 * step)];

    /// <summary>How many returns are filed in all, at most.</summary>
    public static int ReturnsOf(RateExtent extent, IReadOnlyList<string> modes) => modes.Count * (WarmUpReturns + Lives + (int)((WarmUpRate * WarmUpHold.TotalSeconds)
        + (((extent.Rounds + 1) * extent.Rates.Sum()) + Steps.Where(step => step <= LastStep).Sum() + (3 * LastStep)) * extent.Hold.TotalSeconds));

    /// <summary>The system, then its twin; by then the services have ended, so that the twin has the machine to itself.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        foreach (var mode in modes)
        {
            await using var observer = await Observer.Open(system, cancellationToken);
            await Measure(new RatedSystem(system, mode), observer, LastStep, cancellationToken);
        }

        if (modes != EventMode) return;
        await using var twin = await StartTwin(cancellationToken);
        await using var eye = await Observer.Open(system, cancellationToken);
        await Measure(twin, eye, LastTwinStep, cancellationToken);
    }

    private async Task<RawTwin> StartTwin(CancellationToken cancellationToken)
    {
        report("The services end, and the raw twin starts…");
        var twin = await RawTwin.Start(system, Pace, cancellationToken);
        foreach (var service in ServiceCatalog.All) await system.Processes.StopServiceAsync(service.Team);
        return twin;
    }

    private async Task Measure(IRatedSystem rated, Observer observer, int lastStep, CancellationToken cancellationToken)
    {
        using var load = new RateLoad(rated, observer);
        await WarmUp(rated, observer, load, cancellationToken);
        for (var round = 1; round <= extent.Rounds; round++)
            foreach (var rate in extent.Rates)
                await Hold(rated, observer, load, rate, round, cancellationToken);
        if (modes != EventMode) await MeasureLives(rated, observer, load, cancellationToken);
        Highest.Add(await Search(rated, observer, load, lastStep, cancellationToken));
    }

    private async Task WarmUp(IRatedSystem rated, Observer observer, RateLoad load, CancellationToken cancellationToken)
    {
        report($"{rated.Name}: warming up with {WarmUpReturns:N0} returns by {WarmUpClients} clients that file one after the other, then {WarmUpRate}/s for {WarmUpHold.TotalSeconds:0} s…");
        var clock = Stopwatch.StartNew();
        var last = await observer.Last(rated.Table, cancellationToken);
        await load.WarmUp(WarmUpReturns, WarmUpClients, cancellationToken);
        await load.Closed(last, cancellationToken);
        var step = await load.Run(WarmUpRate, WarmUpHold, cancellationToken);
        var open = await load.Closed(last, cancellationToken);
        report(string.Create(CultureInfo.InvariantCulture, $"{rated.Name}: warmed up in {clock.Elapsed.TotalSeconds:0} s, settled then in {step.Settle} (p50, p95, p99); {open} returns stay open"));
    }

    private async Task MeasureLives(IRatedSystem rated, Observer observer, RateLoad load, CancellationToken cancellationToken)
    {
        await Calm(cancellationToken);
        var last = await observer.Last(rated.Table, cancellationToken);
        var perSecond = await load.WholeLives(Lives, WarmUpClients, last, cancellationToken);
        await load.Closed(last, cancellationToken);
        Whole.Add((rated.Name, perSecond));
        report($"{rated.Name}, {WarmUpClients} clients: {Figure.Show(perSecond)} whole returns a second; load {ProcessFigures.Load()}");
    }

    private async Task Hold(IRatedSystem rated, Observer observer, RateLoad load, int rate, int round, CancellationToken cancellationToken)
    {
        await Calm(cancellationToken);
        var idle = await RateReading.Idle(rated, observer, extent.Idle, cancellationToken);
        var last = await observer.Last(rated.Table, cancellationToken);
        var before = await RateReading.Take(rated, observer, cancellationToken);
        var step = await load.Run(rate, extent.Hold, cancellationToken);
        var open = await load.Closed(last, cancellationToken);
        var cost = (await RateReading.Take(rated, observer, cancellationToken)).Since(before, idle, step.Filed);
        Rounds.Add(new RateRound(rated.Name, round, step, cost, ProcessFigures.Load()));
        report(string.Create(
            CultureInfo.InvariantCulture,
            $"{rated.Name}, {rate}/s, round {round} of {extent.Rounds}: {cost.CpuMs:0.0} ms a return (services {cost.ServicesMs:0.0}, PostgreSQL {cost.PostgresMs:0.0}; idle {100 * cost.IdleCores:0} % of a core), {cost.AllCommits:0.0} commits ({cost.Writes:0.0} wrote, {cost.BrokerCommits:0.0} of the broker), {cost.Statements ?? 0:0} statements; POST {step.Post}; settled {step.Settle}{Remark(step)}{(open > 0 ? $"; {open} returns stay open" : "")}"));
    }

    /// <summary>
    /// Steps up to the first rate that is not carried, then one between the two. A rate that fails is held once more, as the machine
    /// may have been busy with something else.
    /// </summary>
    private async Task<HighestRate> Search(IRatedSystem rated, Observer observer, RateLoad load, int lastStep, CancellationToken cancellationToken)
    {
        // What most of the rounds have carried need not be tried again.
        var carried = Rounds.Where(round => round.Of == rated.Name).GroupBy(round => round.Step.Rate).OrderBy(rounds => rounds.Key)
            .TakeWhile(rounds => rounds.Count(round => round.Step.IsCarried) * 2 > rounds.Count()).Select(rounds => rounds.Key).LastOrDefault();
        int? tooMuch = null;
        var steps = new List<RateStep>();
        foreach (var rate in Steps.Union(extent.Rates).Order().Where(step => step > carried && step <= lastStep))
        {
            if (!await IsCarried(rate)) tooMuch = rate;
            if (tooMuch is not null) break;
            carried = rate;
        }

        if (tooMuch is { } bound && bound - carried > 1 && await IsCarried((carried + bound) / 2)) carried = (carried + bound) / 2;
        return new HighestRate(rated.Name, carried, tooMuch is not null, steps);

        async Task<bool> IsCarried(int rate) => await Try(rate) || await Try(rate);

        async Task<bool> Try(int rate)
        {
            await Calm(cancellationToken);
            var last = await observer.Last(rated.Table, cancellationToken);
            var step = await load.Run(rate, extent.Hold, cancellationToken);
            await load.Closed(last, cancellationToken);
            steps.Add(step);
            report($"{rated.Name}, {rate}/s for {extent.Hold.TotalSeconds:0} s: settled {step.Settle}, POST {step.Post}{Remark(step)}; load {ProcessFigures.Load()}");
            return step.IsCarried;
        }
    }

    // So that no step pays for what the one before it wrote.
    private async Task Calm(CancellationToken cancellationToken)
    {
        await system.Checkpoint();
        await Task.Delay(Pause, cancellationToken);
    }

    private static string Remark(RateStep step) => step.IsCarried ? "; carried" : $"; not carried: {step.Failure}";
}
