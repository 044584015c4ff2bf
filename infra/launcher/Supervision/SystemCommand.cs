using System.Diagnostics;

namespace EseErp.Launcher.Supervision;

/// <summary>Short-lived commands of the operating system.</summary>
internal static class SystemCommand
{
    private static readonly string[] s_usualDirectories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The full path of a command, or null.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(s_usualDirectories)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);

    /// <summary>Runs a command to its end. Ends it when cancelled.</summary>
    public static async Task<CommandResult> RunAsync(
        IReadOnlyList<string> command,
        string? input = null,
        IReadOnlyDictionary<string, string>? environment = null,
        Action<string>? onLine = null,
        string workingDirectory = "/",
        CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        var output = new List<string>();
        void Take(string? line)
        {
            if (line is null)
                return;
            lock (output)
                output.Add(line);
            onLine?.Invoke(line);
        }

        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, data) => Take(data.Data);
        process.ErrorDataReceived += (_, data) => Take(data.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        lock (output)
            return new CommandResult(process.ExitCode, string.Join('\n', output));
    }
}

internal sealed record CommandResult(int ExitCode, string Output)
{
    public bool Succeeded => ExitCode == 0;
}
