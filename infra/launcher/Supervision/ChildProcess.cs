using System.Diagnostics;

namespace EseErp.Launcher.Supervision;

/// <summary>
/// A long-running child: in a session of its own (Ctrl-C in the terminal reaches only the launcher, which then stops
/// its children in order), its output appended to a file (which outlives the launcher), its standard input a pipe
/// held open by the launcher: when the launcher ends, however it ends, the child reads end-of-file.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process)
    {
        _process = process;
        Identity = ProcessIdentity.Of(process.Id);
    }

    /// <summary>Null when it had already ended when it was looked at.</summary>
    public ProcessIdentity? Identity { get; }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public static ChildProcess Start(
        IReadOnlyList<string> command,
        string outputFile,
        string? workingDirectory = null,
        IReadOnlyDictionary<string, string?>? environment = null,
        bool keepsInput = true)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(outputFile)!);
        // Every step replaces itself by the next (exec), so that the id is the child's own.
        var redirect = keepsInput ? "exec \"$@\" >>\"$0\" 2>&1" : "exec \"$@\" >>\"$0\" 2>&1 </dev/null";
        string[] shell = ["/bin/sh", "-c", redirect, outputFile, .. command];
        string[] full = SystemCommand.Find("setsid") is { } setsid ? [setsid, .. shell] : shell;

        var start = new ProcessStartInfo(full[0], full[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            WorkingDirectory = workingDirectory ?? "/",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new LauncherException($"{command[0]} could not be started.");
        if (!keepsInput)
            process.StandardInput.Close();
        return new ChildProcess(process);
    }

    /// <summary>Writes one line to its standard input; a child that is already gone is none of the caller's worry.</summary>
    public void Tell(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
        }
    }

    public void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
        }
    }

    public void Signal(int signal)
    {
        if (!_process.HasExited)
            Signals.Send(_process.Id, signal);
    }

    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public void Dispose() => _process.Dispose();
}
