using System.Globalization;

namespace EseErp.Benchmarks;

/// <summary>What Linux tells of a process.</summary>
internal static class ProcessFigures
{
    // USER_HZ, which every Linux that .NET runs on has at 100.
    private const double TicksPerSecond = 100;

    /// <summary>Processor time so far; of its children that have ended too.</summary>
    public static TimeSpan Cpu(int pid) => Stat(pid) is { } stat ? Time(stat, 11, 15) : TimeSpan.Zero;

    /// <summary>Processor time of a process and the processes it has started.</summary>
    public static TimeSpan CpuOfTree(int parent) => Directory.EnumerateDirectories("/proc")
        .Select(directory => int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
        .Where(pid => pid > 0)
        .Select(Stat)
        .Where(stat => stat is not null && stat[1] == parent.ToString(CultureInfo.InvariantCulture))
        .Aggregate(Cpu(parent), (sum, stat) => sum + Time(stat!, 11, 13));

    /// <summary>Resident memory in MB, and the share of it that is this process's own: pages that several have mapped are divided among them.</summary>
    public static (double Resident, double Proportional) Memory(int pid)
    {
        var lines = File.ReadAllLines($"/proc/{pid}/smaps_rollup");
        return (Megabytes("Rss:"), Megabytes("Pss:"));

        double Megabytes(string name) =>
            double.Parse(lines.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    public static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    // From the state on: what stands before it, the name, may contain anything.
    private static string[]? Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }
    }

    private static TimeSpan Time(string[] stat, int from, int to) =>
        TimeSpan.FromSeconds(stat[from..to].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond);
}
