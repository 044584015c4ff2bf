using System.Globalization;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Postgres;

/// <summary>What <c>postmaster.pid</c> says about a cluster, where that is true.</summary>
internal sealed record PostmasterFile(ProcessIdentity Process, int Port)
{
    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "postmaster.pid");

    /// <summary>
    /// The live postmaster of this data directory, or null. A file left by one that was killed names a process that is
    /// gone, or by now another program; neither counts.
    /// </summary>
    public static PostmasterFile? Read(string dataDirectory)
    {
        var lines = TextFiles.Read(PathIn(dataDirectory))?.Split('\n');
        if (lines is null || lines.Length < 2 || !TryNumber(lines[0], out var pid) || ProcessIdentity.Of(pid) is not { } process)
            return null;
        if (!Path.GetFullPath(lines[1].Trim()).Equals(Path.GetFullPath(dataDirectory), StringComparison.Ordinal) || !IsPostgresOn(pid, dataDirectory))
            return null;
        // The port is written a moment after the id.
        return new PostmasterFile(process, lines.Length > 3 && TryNumber(lines[3], out var port) ? port : 0);
    }

    private static bool IsPostgresOn(int pid, string dataDirectory)
    {
        if (!OperatingSystem.IsLinux())
            return true;
        return TextFiles.Read($"/proc/{pid}/cmdline") is { } command
            && command.Contains("postgres", StringComparison.Ordinal)
            && command.Contains(dataDirectory, StringComparison.Ordinal);
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
