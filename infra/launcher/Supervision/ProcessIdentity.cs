using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;

namespace EseErp.Launcher.Supervision;

/// <summary>A process for certain: ids are reused, an id with its start time is not.</summary>
public sealed record ProcessIdentity(int Pid, string StartedAt)
{
    public static ProcessIdentity Current { get; } =
        Of(Environment.ProcessId) ?? throw new InvalidOperationException("A process always sees itself.");

    [JsonIgnore]
    public bool IsAlive => Of(Pid) == this;

    /// <summary>The live process with this id, or null; one that has ended and only waits to be collected is not live.</summary>
    public static ProcessIdentity? Of(int pid)
    {
        if (pid <= 0)
            return null;
        if (!OperatingSystem.IsLinux())
            return OfAnySystem(pid);
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            // The second field is the command in parentheses and may itself hold spaces and parentheses.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : new ProcessIdentity(pid, fields[19]);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Asks it to end, and insists after <paramref name="grace"/>. Never touches another process that got its id.</summary>
    public async Task EndAsync(int signal, TimeSpan grace)
    {
        if (IsAlive)
            Signals.Send(Pid, signal);
        if (!await HasEndedWithinAsync(grace))
        {
            Signals.Send(Pid, Signals.Kill);
            await HasEndedWithinAsync(TimeSpan.FromSeconds(5));
        }
    }

    public async Task<bool> HasEndedWithinAsync(TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        while (IsAlive)
        {
            if (clock.Elapsed > time)
                return false;
            await Task.Delay(50);
        }

        return true;
    }

    /// <summary>Whether it has this file open, and not a copy of it.</summary>
    public bool HasOpen(string file)
    {
        if (!OperatingSystem.IsLinux())
            return true;
        try
        {
            var path = WorkPlace.RealPath(file);
            return Directory.EnumerateFiles($"/proc/{Pid}/fd").Any(entry => LinkOf(Pid, $"fd/{Path.GetFileName(entry)}") == path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whether its output goes to a file in this directory, which follows the directory when it is moved, and not when it is copied.</summary>
    public bool WritesInto(string directory) =>
        !OperatingSystem.IsLinux() || LinkOf(Pid, "fd/1")?.StartsWith(WorkPlace.RealPath(directory) + "/", StringComparison.Ordinal) == true;

    /// <summary>What an entry of a process in <c>/proc</c> points to; null when that cannot be seen.</summary>
    internal static string? LinkOf(int pid, string entry)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/{entry}").LinkTarget;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static ProcessIdentity? OfAnySystem(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return new ProcessIdentity(pid, process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception failure) when (failure is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }
}
