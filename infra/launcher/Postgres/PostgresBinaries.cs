using System.Globalization;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Postgres;

/// <summary>A PostgreSQL installation of this machine.</summary>
internal sealed record PostgresBinaries(string Directory, int MajorVersion)
{
    /// <summary>Readers of the event log need <c>xid8</c> and <c>pg_snapshot</c> (13); older ones are out of support anyway.</summary>
    private const int MinimumVersion = 14;

    public string Postgres => Path.Combine(Directory, "postgres");

    public string InitDb => Path.Combine(Directory, "initdb");

    /// <summary>All usable installations, newest first: the distribution's, and those on the PATH.</summary>
    /// <param name="path">Where to look for commands; this process's own PATH when null.</param>
    public static async Task<IReadOnlyList<PostgresBinaries>> FindAllAsync(CancellationToken cancellationToken, string? path = null)
    {
        var candidates = new List<string>();
        foreach (var parent in new[] { "/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt" })
        {
            if (System.IO.Directory.Exists(parent))
                candidates.AddRange(System.IO.Directory.GetDirectories(parent).Select(directory => Path.Combine(directory, "bin")));
        }

        if (System.IO.Directory.Exists("/usr"))
            candidates.AddRange(System.IO.Directory.GetDirectories("/usr", "pgsql-*").Select(directory => Path.Combine(directory, "bin")));
        if (SystemCommand.Find("pg_config") is { } config)
        {
            var answer = await SystemCommand.RunAsync([config, "--bindir"], cancellationToken: cancellationToken);
            if (answer.Succeeded)
                candidates.Add(answer.Output.Trim());
        }

        // Not every installation brings pg_config, which packagers count as for developers.
        candidates.AddRange((path ?? Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));

        var found = new List<PostgresBinaries>();
        foreach (var directory in candidates.Distinct())
        {
            if (!File.Exists(Path.Combine(directory, "postgres")) || !File.Exists(Path.Combine(directory, "initdb")))
                continue;
            if (await VersionOfAsync(directory, cancellationToken) is { } version && version >= MinimumVersion)
                found.Add(new PostgresBinaries(directory, version));
        }

        return [.. found.OrderByDescending(installation => installation.MajorVersion)];
    }

    private static async Task<int?> VersionOfAsync(string directory, CancellationToken cancellationToken)
    {
        // Debian names the directory after the version, which saves starting a process.
        if (Parse(Path.GetFileName(Path.GetDirectoryName(directory))) is { } named)
            return named;
        var answer = await SystemCommand.RunAsync([Path.Combine(directory, "postgres"), "--version"], cancellationToken: cancellationToken);
        return answer.Succeeded ? Parse(answer.Output.Split(' ').ElementAtOrDefault(2)) : null;
    }

    private static int? Parse(string? text) =>
        int.TryParse(text?.Split('.', 'b', 'r')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
}
