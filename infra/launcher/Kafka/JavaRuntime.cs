using System.ComponentModel;
using System.Globalization;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Kafka;

/// <summary>A Java runtime of this machine.</summary>
internal static class JavaRuntime
{
    private const int MinimumVersion = 11;

    private static readonly string[] s_usualParents = ["/usr/lib/jvm", "/opt/homebrew/opt", "/usr/local/opt"];

    /// <summary>The <c>java</c> to run Kafka with: the one <c>JAVA_HOME</c> names if it is new enough, or else any; null if there is none.</summary>
    public static async Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        foreach (var java in Candidates().Where(File.Exists))
        {
            if (await VersionOfAsync(java, cancellationToken) >= MinimumVersion)
                return java;
        }

        return null;
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("JAVA_HOME") is { Length: > 0 } home)
            yield return Path.Combine(home, "bin", "java");
        if (SystemCommand.Find("java") is { } onPath)
            yield return onPath;
        foreach (var parent in s_usualParents.Where(Directory.Exists))
        {
            foreach (var installation in Directory.GetDirectories(parent).Order(StringComparer.Ordinal))
                yield return Path.Combine(installation, "bin", "java");
        }
    }

    private static async Task<int?> VersionOfAsync(string java, CancellationToken cancellationToken)
    {
        try
        {
            // Says: openjdk version "17.0.15" 2025-04-15. On macOS a java without a runtime behind it fails.
            var answer = await SystemCommand.RunAsync([java, "-version"], cancellationToken: cancellationToken);
            var quoted = answer.Succeeded ? answer.Output.Split("version \"").ElementAtOrDefault(1) : null;
            return int.TryParse(quoted?.Split('.', '-', '"')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
        }
        catch (Win32Exception)
        {
            // A link to a runtime that was removed, for instance.
            return null;
        }
    }
}
