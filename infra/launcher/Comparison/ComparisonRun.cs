using System.Globalization;
using EseErp.DemoData;
using EseErp.Launcher.Auditing;
using EseErp.Launcher.Output;
using EseErp.Launcher.Returns;

namespace EseErp.Launcher.Comparison;

/// <summary>
/// Measures both modes in every scenario. Quickly: all on one system with fresh data. Else each scenario has a system with
/// fresh data of its own. Every round has devices and orders of its own, and begins when nothing of the last one moves.
/// </summary>
internal sealed class ComparisonRun : IAsyncDisposable
{
    private const string PostgresSettings =
        """
        select format('%s; fsync %s, synchronous_commit %s, full_page_writes %s', current_setting('server_version'),
            current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'))
        """;

    private readonly ComparisonOptions _options;
    private readonly IReadOnlyList<Scenario> _scenarios;
    private readonly string _name;
    private readonly List<ScenarioResult> _results = [];
    private readonly List<AuditResult> _audits = [];
    private ComparedSystem? _system;
    private int _systems;
    private int _place;
    private bool _cancelled;

    /// <param name="scenarios">Those that the options name when null.</param>
    public ComparisonRun(ComparisonOptions options, IReadOnlyList<Scenario>? scenarios = null)
    {
        _options = options;
        _scenarios = scenarios ?? [.. Scenario.All(options.Quick).Where(each => options.Scenarios.Count == 0 || options.Scenarios.Contains(each.Name))];
        _name = string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyyMMdd-HHmmss}-{options.Seed}");
        Work = Path.Combine(options.Directory, _name);
    }

    /// <summary>Data and logs of this run.</summary>
    public string Work { get; }

    public string JsonPath => Path.GetFullPath(_options.Json ?? Path.Combine(_options.Directory, $"{_name}.json"));

    public string HtmlPath => Path.ChangeExtension(JsonPath, ".html");

    public async Task<ComparisonReport> RunAsync(CancellationToken cancellationToken)
    {
        await using var noticed = cancellationToken.Register(() => _cancelled = true);
        var startedAt = DateTimeOffset.UtcNow;
        var postgres = "";
        foreach (var together in _options.Quick ? [_scenarios] : _scenarios.Select(scenario => (IReadOnlyList<Scenario>)[scenario]))
        {
            await MeasureAsync(together, cancellationToken);
            postgres = (await _system!.Data.ReadAsync("sales", PostgresSettings, row => row.GetString(0), cancellationToken)).Single();
            await StopAsync(keepsData: _options.Keep || !_audits[^1].Holds || _results.Any(result => result.Rounds.Any(round => round.Left is not { IsEmpty: true })));
        }

        return new ComparisonReport(
            startedAt, (DateTimeOffset.UtcNow - startedAt).TotalSeconds, _options, Machine.Of(postgres), _results, _audits,
            [.. Prediction.Written.Select(prediction => prediction.Check(_results))]);
    }

    /// <summary>What is still running then has failed, or was told to stop; data and logs of a failure stay.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(_options.Keep || !_cancelled);

    private async Task MeasureAsync(IReadOnlyList<Scenario> scenarios, CancellationToken cancellationToken)
    {
        var seed = _options.Seed;
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var warmUp = new Scenario("warm-up", "Warm-up", "", _options.WarmUp, 1, 1, _ => 1, (_, _) => Task.CompletedTask);
        // Of some orders nothing can be returned, of most more than one device; arrivals are random, so some more than expected.
        var orders = 300 + (int)(1.5 * scenarios.Append(warmUp).Sum(scenario => 2 * scenario.Rounds * Expected(scenario)));
        _system = new ComparedSystem(Path.Combine(Work, $"{++_systems}"), _options, _place == 0 ? _options.Report : _ => { });
        _options.Prepare(_system);
        await _system.StartAsync(orders, _place == 0 ? _options.Report : _ => { }, cancellationToken);
        var runner = new RoundRunner(_system, _options, new DevicePool(DemoCatalogue.Create(today, orders), seed));
        foreach (var mode in ScenarioResult.Modes)
            await runner.RunAsync(warmUp, mode, 0, 0, $"compare-{_systems}-{mode}", cancellationToken);

        var rounds = new List<Round>();
        foreach (var (scenario, index) in scenarios.Select((scenario, index) => (scenario, index)))
        {
            foreach (var (mode, number) in Order(scenario.Rounds, eventFirst: (index + _systems) % 2 == 1))
            {
                var round = await runner.RunAsync(scenario, mode, number, ++_place, $"compare-{_systems}-{_place}", cancellationToken);
                rounds.Add(round);
                Report(round);
            }
        }

        _options.Report("Looking every return up in every team's database…");
        var audit = await new Audit(_system.Data).RunAsync([.. runner.All.Select(each => each.Filed)], cancellationToken);
        _audits.Add(audit);
        _results.AddRange(rounds.GroupBy(round => round.Scenario).Select(each => new ScenarioResult(each.Key, [.. each], Wrong.Of(audit))));
    }

    /// <summary>A B B A …, so that what gets better or worse with time does so for both.</summary>
    private static IEnumerable<(string Mode, int Number)> Order(int rounds, bool eventFirst)
    {
        for (var number = 1; number <= rounds; number++)
        {
            var pair = ScenarioResult.Modes;
            foreach (var mode in eventFirst == (number % 2 == 1) ? pair : pair.Reverse())
                yield return (mode, number);
        }
    }

    private double Expected(Scenario scenario)
    {
        var step = TimeSpan.FromMilliseconds(50);
        return Enumerable.Range(0, (int)(scenario.Window / step)).Sum(number => scenario.Rate(step * number)) * step.TotalSeconds * _options.Rate;
    }

    private void Report(Round round)
    {
        var now = Measured.Of([round], new Wrong(new HashSet<string>(), new HashSet<string>(), new HashSet<string>()));
        string Text(string figure) => Figure.Find(figure)!.Text(Figure.Find(figure)!.Read(now));
        _options.Report(
            $"{round.Scenario.Name}, {round.Mode}, round {round.Number} of {round.Scenario.Rounds}: {now.Filed} filed, answered in full {Text("inFull")}, "
            + $"p50 {Text("latencyP50")}, p99 {Text("latencyP99")}; settled {Text("settled")}, p95 {Text("settleP95")}"
            + (round.Left is { IsEmpty: true } ? "" : $"; NOT OVER: {round.Left?.ToString() ?? "the system does not answer"}"));
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
