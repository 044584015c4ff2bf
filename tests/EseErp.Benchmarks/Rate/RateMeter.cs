using System.Diagnostics;

namespace EseErp.Benchmarks;

/// <summary>What the system uses while it has nothing to do, a second.</summary>
/// <param name="Services">Cores in use by the services.</param>
/// <param name="Postgres">Cores in use by PostgreSQL.</param>
/// <param name="Commits">Per database.</param>
internal sealed record IdleUse(double Services, double Postgres, IReadOnlyDictionary<string, double> Commits, double Writes, double Statements);

/// <summary>What a return takes, the idle system's use taken off.</summary>
/// <param name="ServicesMs">Milliseconds of processor time.</param>
/// <param name="PostgresMs">Milliseconds of processor time.</param>
/// <param name="IdleCores">What was taken off for every second.</param>
/// <param name="Commits">Per database, those that only read among them.</param>
/// <param name="Writes">Commits that wrote.</param>
/// <param name="Statements">Null where they are not counted.</param>
internal sealed record ReturnCost(
    double ServicesMs, double PostgresMs, double IdleCores, IReadOnlyDictionary<string, double> Commits, double Writes, double? Statements)
{
    public double CpuMs => ServicesMs + PostgresMs;

    public double AllCommits => Commits.Values.Sum();

    public double BrokerCommits => Commits.GetValueOrDefault("ese_broker");
}

/// <summary>Readings of processor time and PostgreSQL's counters at one moment.</summary>
internal sealed record RateReading(long At, ProcessorTime Cpu, Work Work)
{
    public static async Task<RateReading> Take(IRatedSystem system, Observer observer, CancellationToken cancellationToken)
    {
        var work = await observer.Work(cancellationToken);
        var cpu = system.Cpu();
        return new RateReading(Stopwatch.GetTimestamp(), cpu with { Postgres = cpu.Postgres - observer.Cpu }, work);
    }

    /// <summary>Measures the idle system.</summary>
    public static async Task<IdleUse> Idle(IRatedSystem system, Observer observer, TimeSpan duration, CancellationToken cancellationToken)
    {
        var before = await Take(system, observer, cancellationToken);
        await Task.Delay(duration, cancellationToken);
        var after = await Take(system, observer, cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(before.At, after.At).TotalSeconds;
        return new IdleUse(
            (after.Cpu.Services - before.Cpu.Services).TotalSeconds / seconds,
            (after.Cpu.Postgres - before.Cpu.Postgres).TotalSeconds / seconds,
            after.Work.Commits.ToDictionary(entry => entry.Key, entry => (entry.Value - before.Work.Commits[entry.Key]) / seconds),
            (after.Work.Writes - before.Work.Writes) / seconds,
            (after.Work.Statements - before.Work.Statements ?? 0) / seconds);
    }

    /// <summary>What each of so many returns took since this reading.</summary>
    public ReturnCost Since(RateReading before, IdleUse idle, int returns)
    {
        var seconds = Stopwatch.GetElapsedTime(before.At, At).TotalSeconds;
        return new ReturnCost(
            1000 * ((Cpu.Services - before.Cpu.Services).TotalSeconds - (idle.Services * seconds)) / returns,
            1000 * ((Cpu.Postgres - before.Cpu.Postgres).TotalSeconds - (idle.Postgres * seconds)) / returns,
            idle.Services + idle.Postgres,
            Work.Commits.ToDictionary(entry => entry.Key, entry => (entry.Value - before.Work.Commits[entry.Key] - (idle.Commits[entry.Key] * seconds)) / returns),
            (Work.Writes - before.Work.Writes - (idle.Writes * seconds)) / returns,
            Work.Statements is null ? null : (Work.Statements - before.Work.Statements - (idle.Statements * seconds)) / returns);
    }
}
