using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Postgres;

/// <summary>What has to be on the machine before the system can start. Contacts nothing but the distribution's own packages.</summary>
internal static class Prerequisites
{
    /// <summary>The newest PostgreSQL installation; installs one where that needs no decision of a person's.</summary>
    public static async Task<IReadOnlyList<PostgresBinaries>> EnsurePostgresAsync(
        string workDirectory, Action<string> report, CancellationToken cancellationToken)
    {
        var found = await PostgresBinaries.FindAllAsync(cancellationToken);
        if (found.Count > 0)
            return found;

        if (SystemCommand.Find("apt-get") is not { } apt)
            throw new LauncherException(OperatingSystem.IsMacOS()
                ? "PostgreSQL 14 or newer is needed; install it with: brew install postgresql@17   (or set ESE_POSTGRES to a server that is there)."
                : "PostgreSQL 14 or newer is needed; install your distribution's postgresql server package (or set ESE_POSTGRES to a server that is there).");
        if (!Environment.IsPrivilegedProcess)
            throw new LauncherException(
                "PostgreSQL 14 or newer is needed; install it with: sudo apt-get update && sudo apt-get install --no-install-recommends postgresql   (or set ESE_POSTGRES to a server that is there).");

        report("Installing PostgreSQL from the distribution's packages (once)…");
        await InstallAsync(apt, Path.Combine(workDirectory, "logs", "install.out"), cancellationToken);
        found = await PostgresBinaries.FindAllAsync(cancellationToken);
        return found.Count > 0
            ? found
            : throw new LauncherException("The distribution's PostgreSQL is older than 14; set ESE_POSTGRES to a newer server.");
    }

    private static async Task InstallAsync(string apt, string log, CancellationToken cancellationToken)
    {
        ForbidSystemCluster();
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        var quiet = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive", ["UCF_FORCE_CONFFOLD"] = "1" };
        // Keeps the cluster setting written above when the package brings its own copy of that file.
        string[] options = ["-y", "-q", "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"];
        // A failing update alone is no reason to stop: the package may be known already.
        var update = await SystemCommand.RunAsync([apt, "update", "-q"], environment: quiet, cancellationToken: cancellationToken);
        var install = await SystemCommand.RunAsync(
            [apt, "install", .. options, "--no-install-recommends", "postgresql"], environment: quiet, cancellationToken: cancellationToken);
        await File.WriteAllTextAsync(log, update.Output + "\n" + install.Output + "\n", cancellationToken);
        if (!install.Succeeded)
        {
            throw new LauncherException(
                $"apt-get could not install PostgreSQL; its output is in {log} and ends:\n{string.Join('\n', install.Output.Split('\n').TakeLast(8))}");
        }
    }

    /// <summary>Debian starts a cluster of its own on installation unless told otherwise beforehand.</summary>
    private static void ForbidSystemCluster()
    {
        const string Directory = "/etc/postgresql-common";
        var file = Path.Combine(Directory, "createcluster.conf");
        System.IO.Directory.CreateDirectory(Directory);
        var lines = File.Exists(file) ? File.ReadAllLines(file).ToList() : [];
        lines.RemoveAll(line => line.TrimStart().StartsWith("create_main_cluster", StringComparison.Ordinal));
        lines.Add("create_main_cluster = false");
        File.WriteAllLines(file, lines);
    }
}
