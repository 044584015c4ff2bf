using System.Diagnostics;

namespace EseErp.Benchmarks;

/// <summary>What a run took.</summary>
/// <param name="Cpu">Processor time of this process: of the service or its twin, not of the servers. It hardly depends on what else the machine does.</param>
internal sealed record Run(TimeSpan Elapsed, TimeSpan Cpu);

/// <summary>Measures from the first <see cref="Begin"/> to the first <see cref="End"/>.</summary>
internal sealed class Clock
{
    private readonly Lock _lock = new();
    private long _started;
    private TimeSpan _cpu;
    private Run? _run;

    public void Begin()
    {
        lock (_lock)
        {
            if (_started != 0) return;
            _cpu = Environment.CpuUsage.TotalTime;
            _started = Stopwatch.GetTimestamp();
        }
    }

    public Run End()
    {
        lock (_lock) return _run ??= new Run(Stopwatch.GetElapsedTime(_started), Environment.CpuUsage.TotalTime - _cpu);
    }
}
