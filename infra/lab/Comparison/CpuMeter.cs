using System.Collections.Concurrent;
using System.Globalization;
using EseErp.Launcher;

namespace EseErp.Lab.Comparison;

/// <summary>
/// Processor time of the services and of PostgreSQL, from <c>/proc</c>. Looked at often, so that what a process had used is
/// known when it is killed.
/// </summary>
internal sealed class CpuMeter(EseSystem system)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    // USER_HZ, which Linux has fixed for what it shows.
    private const double TicksPerSecond = 100;

    private readonly ConcurrentDictionary<int, double> _services = [];
    private double _postgres;

    /// <summary>Seconds used since the processes began; null where there is no <c>/proc</c>.</summary>
    public double? Seconds
    {
        get
        {
            if (!Directory.Exists("/proc/self"))
                return null;
            Look();
            return _services.Values.Sum() + _postgres;
        }
    }

    /// <summary>Looks until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            _ = Seconds;
            await Task.Delay(s_pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Look()
    {
        foreach (var pid in system.ProcessIds)
        {
            if (Stat(pid) is { } stat)
                _services[pid] = stat.Own;
        }

        // A session that has ended is counted with the postmaster, which has waited for it.
        if (system.PostgresProcessId is { } postmaster && Stat(postmaster) is { } parent)
            _postgres = Math.Max(_postgres, parent.Own + parent.Ended + Children(postmaster).Sum(child => Stat(child)?.Own ?? 0));
    }

    private static IEnumerable<int> Children(int parent)
    {
        try
        {
            return [.. File.ReadAllText($"/proc/{parent}/task/{parent}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static (double Own, double Ended)? Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            // The name, in parentheses, may hold anything; the fields behind it are numbers. utime is field 14.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            double At(int field) => double.Parse(fields[field - 3], CultureInfo.InvariantCulture) / TicksPerSecond;
            return (At(14) + At(15), At(16) + At(17));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
