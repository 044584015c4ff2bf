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
                ? "PostgreSQL 14 or newer is needed; install it with: brew install postgresql@17   (or set ESE_POSTGRES to an existing server)."
                : "PostgreSQL 14 or newer is needed; install your distribution's postgresql server package (or set ESE_POSTGRES to an existing server).");
        if (!Environment.IsPrivilegedProcess)
            throw new LauncherException(
                "PostgreSQL 14 or newer is needed; install it with: sudo apt-get update && sudo apt-get install --no-install-recommends postgresql   (or set ESE_POSTGRES to an existing server).");

        report("Installing PostgreSQL from the distribution's packages (once)…");
        ForbidSystemCluster();
        await DistributionPackages.InstallAsync(apt, "postgresql", workDirectory, cancellationToken);
        found = await PostgresBinaries.FindAllAsync(cancellationToken);
        return found.Count > 0
            ? found
            : throw new LauncherException("The distribution's PostgreSQL is older than 14; set ESE_POSTGRES to a newer server.");
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
