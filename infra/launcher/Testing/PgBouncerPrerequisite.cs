using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Testing;

/// <summary>PgBouncer, which some tests put between a service and its database.</summary>
internal static class PgBouncerPrerequisite
{
    private const string Policy = "/usr/sbin/policy-rc.d";

    public static async Task EnsureAsync(string workDirectory, Action<string> report, CancellationToken cancellationToken)
    {
        if (SystemCommand.Find("pgbouncer") is not null)
            return;
        if (SystemCommand.Find("apt-get") is not { } apt || !Environment.IsPrivilegedProcess)
            throw new LauncherException("Tests need PgBouncer; install your distribution's pgbouncer package.");
        report("Installing pgbouncer from the distribution's packages (once)…");
        // The package starts a server of its own on installation unless a policy forbids it.
        var forbids = !File.Exists(Policy);
        if (forbids)
        {
            await File.WriteAllTextAsync(Policy, "#!/bin/sh\nexit 101\n", cancellationToken);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(Policy, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        try
        {
            await DistributionPackages.InstallAsync(apt, "pgbouncer", workDirectory, cancellationToken);
        }
        finally
        {
            if (forbids)
                File.Delete(Policy);
        }
    }
}
