using System.Globalization;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Postgres;

/// <summary>What <c>postmaster.pid</c> says about a cluster, where that is true.</summary>
internal sealed record PostmasterFile(ProcessIdentity Process, int Port)
{
    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "postmaster.pid");

    /// <summary>
    /// The live postmaster of this data directory, or null. A file left by one that was killed names a process that is
    /// gone, or by now another program; one that was copied names that of another directory. None of them counts.
    /// </summary>
    public static PostmasterFile? Read(string dataDirectory)
    {
        var lines = TextFiles.Read(PathIn(dataDirectory))?.Split('\n');
        if (lines is null || lines.Length < 2 || !TryNumber(lines[0], out var pid) || ProcessIdentity.Of(pid) is not { } process)
            return null;
        if (!IsPostgresOn(pid, dataDirectory, lines[1].Trim()))
            return null;
        // The port is written a moment after the id.
        return new PostmasterFile(process, lines.Length > 3 && TryNumber(lines[3], out var port) ? port : 0);
    }

    private static bool IsPostgresOn(int pid, string dataDirectory, string told)
    {
        var named = Path.GetFullPath(told).Equals(Path.GetFullPath(dataDirectory), StringComparison.Ordinal);
        if (!OperatingSystem.IsLinux())
            return named;
        if (TextFiles.Read($"/proc/{pid}/cmdline") is not { } command || !command.Contains("postgres", StringComparison.Ordinal))
            return false;
        // It works in its data directory, wherever that was moved since. In a container that may be hidden from us.
        return ProcessIdentity.LinkOf(pid, "cwd") is { } directory
            ? directory == WorkPlace.RealPath(dataDirectory)
            : named && command.Contains(dataDirectory, StringComparison.Ordinal);
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
