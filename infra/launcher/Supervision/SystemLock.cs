using System.Diagnostics;
using System.Text.Json;

namespace EseErp.Launcher.Supervision;

/// <summary>
/// At most one launcher runs a system in a work directory. The lock is the operating system's, so it ends with the
/// process; <c>launcher.pid</c> beside it tells others whom to signal.
/// </summary>
internal sealed class SystemLock : IDisposable
{
    private readonly FileStream _file;
    private readonly string _pidFile;

    private SystemLock(FileStream file, string pidFile)
    {
        _file = file;
        _pidFile = pidFile;
    }

    public static async Task<SystemLock> TakeAsync(string workDirectory, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(workDirectory);
        var pidFile = PidFile(workDirectory);
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                var file = new FileStream(PathIn(workDirectory), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                TextFiles.Replace(pidFile, JsonSerializer.Serialize(ProcessIdentity.Current));
                return new SystemLock(file, pidFile);
            }
            catch (IOException) when (clock.Elapsed < TimeSpan.FromSeconds(1))
            {
                await Task.Delay(100, cancellationToken);
            }
            catch (IOException failure)
            {
                var holder = Holder(workDirectory) is { } launcher ? $" (launcher {launcher.Pid})" : "";
                throw new LauncherException($"A system is already running from this checkout{holder}; see ./ese status, or end it with ./ese down.", failure);
            }
        }
    }

    /// <summary>The live launcher of this work directory, or null. What a copy of the directory says is true of the original only.</summary>
    public static ProcessIdentity? Holder(string workDirectory)
    {
        try
        {
            return TextFiles.Read(PidFile(workDirectory)) is { } text
                && JsonSerializer.Deserialize<ProcessIdentity>(text) is { IsAlive: true } process
                && process.HasOpen(PathIn(workDirectory)) ? process : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        File.Delete(_pidFile);
        _file.Dispose();
    }

    private static string PathIn(string workDirectory) => Path.Combine(workDirectory, "launcher.lock");

    private static string PidFile(string workDirectory) => Path.Combine(workDirectory, "launcher.pid");
}
