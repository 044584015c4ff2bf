using System.Globalization;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Kafka;

/// <summary>
/// A Java program that serves on from a configuration file. It is known by a file <c>{name}-{launch}.pid</c>, which it
/// writes itself before it becomes Java: whoever kills the launcher cannot come between start and record.
/// </summary>
/// <param name="name">Its name in files.</param>
/// <param name="directory">Holds the record and the configuration.</param>
/// <param name="launch">Tells the processes of one launcher from those of another that it follows.</param>
/// <param name="log">Its output.</param>
internal sealed class JavaServer(string name, string directory, string launch, string log)
{
    private const string Script =
        """
        echo "$$" >"$0" || exit 1
        exec "$@"
        """;

    private static readonly Dictionary<string, string?> s_environment = new()
    {
        // Meant for other programs: a debugger's port, for instance, can be opened only once.
        ["JAVA_TOOL_OPTIONS"] = null,
        ["JDK_JAVA_OPTIONS"] = null,
        ["_JAVA_OPTIONS"] = null,
    };

    private ChildProcess? _child;

    public string Log => log;

    public string Configuration => ConfigurationOf(name, directory);

    public ProcessIdentity? Process => Read(RecordOf(launch));

    public bool HasExited => _child is not { HasExited: false };

    public void Start(IEnumerable<string> java, string mainClass)
    {
        TextFiles.Roll(log);
        _child?.Dispose();
        _child = ChildProcess.Start(
            ["/bin/sh", "-c", Script, RecordOf(launch), .. java, mainClass, Configuration], log, directory, s_environment, keepsInput: false);
    }

    /// <summary>Ends it, and what an earlier launcher left behind of it.</summary>
    public async Task EndAsync(TimeSpan grace, bool othersOnly = false)
    {
        if (!Directory.Exists(directory))
            return;
        foreach (var record in Directory.GetFiles(directory, $"{name}-*.pid").Where(record => !othersOnly || record != RecordOf(launch)))
        {
            if (Read(record) is { } process)
                await process.EndAsync(Signals.Terminate, grace);
            File.Delete(record);
        }

        if (othersOnly)
            return;
        // Asked to end before it had written its record.
        if (_child is { HasExited: false, Identity: { } child })
            await child.EndAsync(Signals.Terminate, grace);
        _child?.Dispose();
        _child = null;
    }

    /// <summary>Any live process of this server, whoever started it.</summary>
    public ProcessIdentity? Anyone() => !Directory.Exists(directory)
        ? null
        : Directory.GetFiles(directory, $"{name}-*.pid").Select(Read).FirstOrDefault(process => process is not null);

    public static string ConfigurationOf(string name, string directory) => Path.Combine(directory, $"{name}.properties");

    private string RecordOf(string by) => Path.Combine(directory, $"{name}-{by}.pid");

    /// <summary>The process a record names, where that is still this server and not another program that got its id.</summary>
    private ProcessIdentity? Read(string record)
    {
        if (!int.TryParse(TextFiles.Read(record)?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) || ProcessIdentity.Of(id) is not { } process)
            return null;
        if (!OperatingSystem.IsLinux())
            return process;
        return TextFiles.Read($"/proc/{id}/cmdline") is { } command && command.Split('\0').Contains(Configuration) ? process : null;
    }
}
