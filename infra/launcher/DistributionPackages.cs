using EseErp.Launcher.Supervision;

namespace EseErp.Launcher;

/// <summary>Installs from the distribution's own packages, as root and with apt-get.</summary>
internal static class DistributionPackages
{
    /// <exception cref="LauncherException">apt-get could not; the message ends with what it said.</exception>
    public static async Task InstallAsync(string apt, string package, string workDirectory, CancellationToken cancellationToken)
    {
        var log = Path.Combine(workDirectory, "logs", "install.out");
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        var quiet = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive", ["UCF_FORCE_CONFFOLD"] = "1" };
        // Keeps a configuration file that is there when the package brings its own copy of it.
        string[] options = ["-y", "-q", "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"];
        // A failing update alone is no reason to stop: the package may be known already.
        var update = await SystemCommand.RunAsync([apt, "update", "-q"], environment: quiet, cancellationToken: cancellationToken);
        var install = await SystemCommand.RunAsync(
            [apt, "install", .. options, "--no-install-recommends", package], environment: quiet, cancellationToken: cancellationToken);
        await File.AppendAllTextAsync(log, update.Output + "\n" + install.Output + "\n", cancellationToken);
        if (!install.Succeeded)
        {
            throw new LauncherException(
                $"apt-get could not install {package}; its output is in {log} and ends:\n{string.Join('\n', install.Output.Split('\n').TakeLast(8))}");
        }
    }
}
