using System.Diagnostics;
using System.Globalization;
using EseErp.DemoData;
using EseErp.Lab.Auditing;
using EseErp.Lab.Returns;
using EseErp.Launcher.Output;

namespace EseErp.Lab.Comparison;

/// <summary>
/// Measures every mode in every scenario. Quickly: all on one system with fresh data. Else what happens when all is well has one
/// system, and what happens when something is wrong another. Every round has devices and orders of its own, and begins when
/// nothing of the last one moves.
/// </summary>
internal sealed class ComparisonRun : IAsyncDisposable
{
    private const string PostgresSettings =
        """
        select format('%s; fsync %s, synchronous_commit %s, full_page_writes %s', current_setting('server_version'),
            current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'))
        """;

    private readonly ComparisonOptions _options;
    private readonly ComparisonRates _rates;
    private readonly ComparisonPlan _plan;
    private readonly string _name;
    private readonly Stopwatch _clock = new();
    private readonly List<ScenarioResult> _results = [];
    private readonly List<AuditResult> _audits = [];
    private readonly List<WarmUp> _warmUps = [];
    private readonly List<string> _skipped = [];
    private ComparedSystem? _system;
    private int _systems;
    private int _place;
    private TimeSpan _due;
    private bool _cancelled;

    /// <param name="scenarios">Those that the options name when null.</param>
    public ComparisonRun(ComparisonOptions options, IReadOnlyList<Scenario>? scenarios = null)
    {
        _options = options;
        _rates = new ComparisonRates(options);
        var all = Scenario.All(options.Quick);
        var named = all.Where(each => options.Scenarios.Contains(each.Name)).ToList();
        var usual = all.Where(each => !(options.Quick && each.TooLongForALook)).ToList();
        _plan = new ComparisonPlan(options, scenarios ?? (options.Scenarios.Count > 0 ? named : usual));
        if (scenarios is null && options.Scenarios.Count == 0)
            _skipped.AddRange(all.Except(usual).Select(each => each.Name));
        _name = string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyyMMdd-HHmmss}-{options.Seed}");
        Work = Path.Combine(options.Directory, _name);
    }

    /// <summary>Data and logs of this run.</summary>
    public string Work { get; }

    public string JsonPath => Path.GetFullPath(_options.Json ?? Path.Combine(_options.Directory, $"{_name}.json"));

    public string HtmlPath => Path.ChangeExtension(JsonPath, ".html");

    /// <summary>On two cores that have nothing else to do.</summary>
    public TimeSpan ExpectedDuration => _plan.Duration(_rates);

    public async Task<ComparisonReport> RunAsync(CancellationToken cancellationToken)
    {
        await using var noticed = cancellationToken.Register(() => _cancelled = true);
        var startedAt = DateTimeOffset.UtcNow;
        _clock.Start();
        var postgres = "";
        foreach (var together in _plan.Systems)
        {
            await MeasureAsync(together, cancellationToken);
            postgres = (await _system!.Data.ReadAsync("sales", PostgresSettings, row => row.GetString(0), cancellationToken)).Single();
            await StopAsync(keepsData: _options.Keep || !_audits[^1].Holds || _results.Any(result => result.Rounds.Any(round => round.Left is not { IsEmpty: true })));
        }

        return new ComparisonReport(
            startedAt, _clock.Elapsed.TotalSeconds, _options, Machine.Of(postgres), _rates, _warmUps, _skipped, _results, _audits,
            [.. Prediction.Written.Select(prediction => prediction.Check(_results))]);
    }

    /// <summary>What is still running then has failed, or was told to stop; data and logs of a failure stay.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(_options.Keep || !_cancelled);

    private async Task MeasureAsync(IReadOnlyList<Scenario> scenarios, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var orders = _plan.Orders(scenarios, _rates);
        Action<string> details = _place == 0 ? _options.Report : _ => { };
        _system = new ComparedSystem(Path.Combine(Work, $"{++_systems}"), _options, details);
        _options.Prepare(_system);
        await _system.StartAsync(orders, details, cancellationToken);
        var runner = new RoundRunner(_system, _options, new DevicePool(DemoCatalogue.Create(today, orders), _options.Seed));
        await WarmAsync(runner, cancellationToken);
        _due += _plan.System;

        var rounds = new List<IReadOnlyList<Round>>();
        foreach (var (scenario, index) in scenarios.Select((scenario, index) => (scenario, index)))
        {
            if (IsTooLate(scenario))
            {
                _skipped.Add(scenario.Name);
                _options.Report($"{scenario.Name} is left out: no time is left.");
                continue;
            }

            rounds.Add(await MeasureAsync(runner, scenario, index, cancellationToken));
            _due += _plan.Duration(scenario, _rates);
            if (scenario.Load == Load.Rising)
                _rates.Learn(new ScenarioResult(scenario, rounds[^1], Wrong.Nothing));
        }

        _options.Report("Checking every return in every team's database…");
        var audit = await new Audit(_system.Data).RunAsync([.. runner.All.Select(each => each.Filed)], cancellationToken);
        _audits.Add(audit);
        _results.AddRange(rounds.Select(each => new ScenarioResult(each[0].Scenario, each, Wrong.Of(audit))));
    }

    private async Task<IReadOnlyList<Round>> MeasureAsync(RoundRunner runner, Scenario scenario, int index, CancellationToken cancellationToken)
    {
        var rounds = new List<Round>();
        var stage = new Stage(_system!);
        try
        {
            await scenario.Before(stage, cancellationToken);
            if (scenario.WarmsAgain)
                await WarmAsync(runner, cancellationToken);
            foreach (var (mode, number) in Order(scenario.Rounds, index + _systems))
            {
                await scenario.BeforeRound(stage, cancellationToken);
                if (scenario.LeadsIn)
                {
                    await runner.WarmAsync(mode, ComparisonPlan.LeadInReturns, cancellationToken);
                    await runner.SettleAsync(cancellationToken);
                }

                var rate = _rates.Of(scenario.Load);
                var round = scenario.Load == Load.Rising
                    ? await SearchAsync(runner, scenario, mode, number, rounds.LastOrDefault(each => each.Mode == mode)?.Carried, cancellationToken)
                    : await runner.RunAsync(scenario, mode, number, ++_place, rate, cancellationToken);
                rounds.Add(round);
                Report(round);
            }
        }
        finally
        {
            // Otherwise the whole system ends.
            if (!cancellationToken.IsCancellationRequested)
                await scenario.After(stage);
        }

        return rounds;
    }

    private async Task WarmAsync(RoundRunner runner, CancellationToken cancellationToken)
    {
        foreach (var mode in ScenarioResult.Modes)
        {
            var clock = Stopwatch.StartNew();
            var windows = new List<WarmUpWindow>();
            while (!WarmUp.HasSettled(windows) && windows.Count < _options.WarmUp.MostWindows && clock.Elapsed < _options.WarmUp.Longest)
                windows.Add(await runner.WarmAsync(mode, _options.WarmUp.Returns, cancellationToken));
            await runner.SettleAsync(cancellationToken);
            _warmUps.Add(new WarmUp(_systems, mode, windows, windows.Count * _options.WarmUp.Returns, clock.Elapsed.TotalSeconds, WarmUp.HasSettled(windows)));
            _options.Report(_warmUps[^1].Sentence);
        }

        await runner.MeasureIdleAsync(cancellationToken);
        _options.Report(string.Create(CultureInfo.InvariantCulture, $"The idle system uses {100 * runner.IdleCores:0.#} % of a core; this is subtracted."));
    }

    /// <summary>The round of the highest rate that was carried; where none was, of the lowest that was tried.</summary>
    /// <param name="last">What an earlier search of this mode found.</param>
    private async Task<Round> SearchAsync(RoundRunner runner, Scenario scenario, string mode, int number, double? last, CancellationToken cancellationToken)
    {
        Round? best = null;
        Round? latest = null;
        ++_place;
        var search = new RateSearch(
            async (rate, cancelled) =>
            {
                latest = await runner.RunAsync(scenario with { Returns = RateSearch.Returns(rate, _options.Quick) }, mode, number, _place, rate, cancelled);
                var step = RateSearch.Judge(rate, Measured.Of([latest], Wrong.Nothing));
                _options.Report($"{scenario.Name}, {mode}: {step}");
                best = step.IsCarried ? latest : best;
                return step;
            },
            RateSearch.Factor(_options.Quick));
        var carried = await search.RunAsync(last is > 0 ? last.Value : ComparisonRates.Least(_options.Quick), cancellationToken);
        return (best ?? latest!) with { Scenario = scenario, Carried = carried, Notes = [string.Join(", ", search.Steps) + "."] };
    }

    // A machine that has been slow so far is taken to stay so.
    private bool IsTooLate(Scenario scenario) =>
        _options.Limit is { } limit && _clock.Elapsed + (Math.Max(1, _clock.Elapsed / _due) * _plan.Duration(scenario, _rates)) > limit;

    /// <summary>A B C C B A …, so that what gets better or worse with time does so for all; each scenario begins with another.</summary>
    private static IEnumerable<(string Mode, int Number)> Order(int rounds, int shift)
    {
        var modes = ScenarioResult.Modes.Select((_, place) => ScenarioResult.Modes[(place + shift - 1) % ScenarioResult.Modes.Count]).ToList();
        for (var number = 1; number <= rounds; number++)
        {
            foreach (var mode in number % 2 == 1 ? modes : Enumerable.Reverse(modes))
                yield return (mode, number);
        }
    }

    private void Report(Round round)
    {
        var now = Measured.Of([round], Wrong.Nothing);
        string Text(string figure) => Figure.Named(figure).Text(Figure.Named(figure).Read(now));
        _options.Report(
            $"{round.Scenario.Name}, {round.Mode}, round {round.Number} of {round.Scenario.Rounds}: "
            + (round.Carried is null ? "" : $"carried {Text("carried")}; ")
            + $"{now.Filed} filed, p50 {Text("latencyP50")}, p99 {Text("latencyP99")}; settled {Text("settled")}, p95 {Text("settleP95")}"
            + (round.Left is { IsEmpty: true } ? "" : $"; NOT FINISHED: {round.Left?.ToString() ?? "the system does not answer"}"));
    }

    private async Task StopAsync(bool keepsData)
    {
        if (_system is not { } system)
            return;
        _system = null;
        await system.DisposeAsync();
        if (!keepsData)
        {
            await system.DeleteAsync();
            if (Directory.Exists(Work) && !Directory.EnumerateFileSystemEntries(Work).Any())
                Directory.Delete(Work);
        }
    }
}
