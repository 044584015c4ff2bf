using System.Diagnostics;

namespace EseErp.Benchmarks;

/// <summary>What the services cost that have nothing to do, and how long they take to be ready, one by one.</summary>
internal sealed class IdleBenchmark(SystemUnderTest system, Extent extent, Action<string> report)
{
    private static readonly TimeSpan Sample = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeastLook = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

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

    /// <summary>All services and PostgreSQL together, at rest: the demo data are made, the start is over, the use has levelled.</summary>
    public async Task<IReadOnlyList<Figure>> Calm(CancellationToken cancellationToken)
    {
        report("Waiting until what the idle system uses has levelled…");
        var waited = Stopwatch.StartNew();
        for (var before = double.MaxValue; ;)
        {
            var (services, postgres) = await Use(Sample, cancellationToken);
            var now = services.Values.Sum() + postgres;
            // A tenth up or down, or half a percent of a core: it falls no more.
            if (Math.Abs(before - now) <= Math.Max(0.005, now / 10) || waited.Elapsed > Patience) break;
            before = now;
        }

        var levelled = waited.Elapsed;
        var look = extent.Idle > LeastLook ? extent.Idle : LeastLook;
        var (busy, database) = await Use(look, cancellationToken);
        var memory = SystemUnderTest.Teams.ToDictionary(team => team, team => ProcessFigures.Memory(system.Processes.ProcessId(team)!.Value).Resident);
        var how = $"{look.TotalSeconds:0} s, {levelled.TotalSeconds:0} s after the demo data; {(system.AutoAdvance ? "items move by themselves, as with ./ese up" : "items do not move by themselves")}";
        var parts = string.Join(", ", busy.Select(entry => $"{entry.Key} {Figure.Show(100 * entry.Value)}").Append($"PostgreSQL {Figure.Show(100 * database)}"));
        report($"{system.Broker}, at rest: {Figure.Show(100 * (busy.Values.Sum() + database))} % of a core ({parts}), {memory.Values.Min():0} to {memory.Values.Max():0} MB resident a service");
        return
        [
            new Figure(system.Broker, "processor time at rest, services and PostgreSQL", 100 * (busy.Values.Sum() + database), "% of a core", Target.Most(5), $"{parts}; {how}"),
            new Figure(
                system.Broker, "memory at rest, the largest service", memory.Values.Max(), "MB", Target.Most(150),
                string.Join(", ", memory.Select(entry => $"{entry.Key} {entry.Value:0}"))),
        ];
    }

    /// <summary>Cores in use, by service and by PostgreSQL.</summary>
    private async Task<(IReadOnlyDictionary<string, double> Services, double Postgres)> Use(TimeSpan duration, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var (services, postgres) = (SystemUnderTest.Teams.ToDictionary(team => team, Cpu), ProcessFigures.CpuOfTree(system.PostgresProcess));
        await Task.Delay(duration, cancellationToken);
        return (
            SystemUnderTest.Teams.ToDictionary(team => team, team => (Cpu(team) - services[team]) / clock.Elapsed),
            (ProcessFigures.CpuOfTree(system.PostgresProcess) - postgres) / clock.Elapsed);
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
