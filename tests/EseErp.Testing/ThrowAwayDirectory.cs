using System.Diagnostics;
using System.Globalization;
using EseErp.Launcher.Supervision;

namespace EseErp.Testing;

/// <summary>
/// A directory that goes when this process has ended, however it ended: a small shell process waits on a pipe whose other
/// end only this process holds. Test runners give a process no time to clean up after itself.
/// </summary>
public static class ThrowAwayDirectory
{
    private const string Prefix = "ese-tests-";

    private const string Script =
        """
        trap '' INT TERM HUP
        while read -r line; do :; done
        # A PostgreSQL and a Kafka inside, or in a checkout that this is, are stopped by their own guards.
        for attempt in $(seq 1 120); do
            if ! ls "$1"/postgres/data/postmaster.pid "$1"/kafka/*.pid "$1"/.ese/postgres/data/postmaster.pid "$1"/.ese/kafka/*.pid 2>/dev/null | grep -q .; then break; fi
            sleep 0.25
        done
        rm -rf "$1"
        """;

    // Held, or the garbage collector would close the pipe before its time.
    private static readonly List<Process> s_guards = [];

    public static string Create()
    {
        RemoveLeftovers();
        // The id of the process is in the name, so that a later run can tell what was left behind should the guard be killed too.
        var directory = Path.Combine(Path.GetTempPath(), $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(directory);
        // Its output goes nowhere: whoever reads this process's output must not have to wait for the guard.
        var guard = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec /bin/sh -c '{Script.Replace("'", "'\\''", StringComparison.Ordinal)}' guard \"$1\" >/dev/null 2>&1", "sh", directory])
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        });
        lock (s_guards) s_guards.Add(guard!);
        return directory;
    }

    private static void RemoveLeftovers()
    {
        foreach (var directory in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            var id = Path.GetFileName(directory)[Prefix.Length..].Split('-')[0];
            if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var process) || ProcessIdentity.Of(process) is not null) continue;
            // Its guard may be just about to do the same.
            if (DateTime.UtcNow - Directory.GetCreationTimeUtc(directory) < TimeSpan.FromHours(1)) continue;
            try
            {
                Directory.Delete(directory, recursive: true);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // Another run is removing it, or it is another person's.
            }
        }
    }
}
