using System.Diagnostics;

namespace EseErp.Benchmarks;

/// <summary>What the services cost that have nothing to do, and how long they take to be ready, one by one.</summary>
internal sealed class IdleBenchmark(SystemUnderTest system, Extent extent, Action<string> report)
{
    /// <param name="since">What went before, such as the load of the other measurements.</param>
    public async Task<IReadOnlyList<Figure>> Memory(string since, CancellationToken cancellationToken)
    {
        report($"Waiting {extent.Idle.TotalSeconds:0} s for the services to be idle…");
        var before = SystemUnderTest.Teams.ToDictionary(team => team, Cpu);
        await Task.Delay(extent.Idle, cancellationToken);
        var memory = SystemUnderTest.Teams.ToDictionary(team => team, team => ProcessFigures.Memory(system.Processes.ProcessId(team)!.Value));
        var busy = SystemUnderTest.Teams.ToDictionary(team => team, team => (Cpu(team) - before[team]) / extent.Idle);
        foreach (var (team, (resident, proportional)) in memory)
            report($"{team}, idle {since}: {resident:0} MB resident, {proportional:0} MB proportional, {100 * busy[team]:0.0} % of a core");
        var largest = memory.MaxBy(entry => entry.Value.Resident);
        return
        [
            new Figure(
                system.Broker, $"idle memory, the largest service, {since}", largest.Value.Resident, "MB", Target.Most(150),
                string.Join(", ", memory.Select(entry => $"{entry.Key} {entry.Value.Resident:0} (PSS {entry.Value.Proportional:0})"))),
            new Figure(system.Broker, $"idle processor time, all services, {since}", 100 * busy.Values.Sum(), "% of a core"),
        ];
    }

    /// <summary>Each service alone, the others running.</summary>
    public async Task<Figure> Starts(CancellationToken cancellationToken)
    {
        var times = new Dictionary<string, double>();
        foreach (var team in SystemUnderTest.Teams)
        {
            await system.Processes.StopServiceAsync(team);
            var clock = Stopwatch.StartNew();
            await system.Processes.StartServiceAsync(team, cancellationToken);
            times[team] = clock.Elapsed.TotalSeconds;
            report($"{team}: ready after {times[team]:0.0} s");
        }

        return new Figure(
            system.Broker, "start-up, the slowest service", times.Values.Max(), "s", null, string.Join(", ", times.Select(entry => $"{entry.Key} {Figure.Show(entry.Value)}")));
    }

    private TimeSpan Cpu(string team) => ProcessFigures.Cpu(system.Processes.ProcessId(team)!.Value);
}
