using System.Diagnostics;
using System.Globalization;
using EseErp.Launcher;
using EseErp.Launcher.Supervision;

namespace EseErp.SystemTests.Running;

/// <summary>The launcher behind <c>./ese</c> as a process of its own, in a checkout of its own and on free ports.</summary>
internal sealed class LauncherProcess : IDisposable
{
    private readonly string _checkout;
    private readonly List<string> _output = [];
    private Process? _process;

    public LauncherProcess()
    {
        _checkout = ThrowAwayDirectory.Create();
        // What makes a checkout for the launcher: the solution beside its own build, the built services, and what names Kafka.
        File.WriteAllText(Path.Combine(_checkout, "EseErp.sln"), "");
        Directory.CreateSymbolicLink(Path.Combine(_checkout, "services"), Path.Combine(Checkout.Root, "services"));
        Directory.CreateDirectory(Path.Combine(_checkout, "infra"));
        Directory.CreateSymbolicLink(Path.Combine(_checkout, "infra", "kafka"), Path.Combine(Checkout.Root, "infra", "kafka"));
        var launcher = Directory.CreateDirectory(Path.Combine(_checkout, "launcher"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Checkout.Root, "infra", "launcher", Checkout.BuiltInto)))
            File.Copy(file, Path.Combine(launcher.FullName, Path.GetFileName(file)));
    }

    /// <summary>In a checkout that is there.</summary>
    public LauncherProcess(string checkout) => _checkout = checkout;

    public string Root => _checkout;

    public string Work => Path.Combine(_checkout, ".ese");

    public int PortBase { get; } = Ports.FreeBase();

    /// <summary>More environment variables for it.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>What it has said since it was started.</summary>
    public string Output
    {
        get
        {
            lock (_output) return string.Join('\n', _output);
        }
    }

    /// <summary>Puts a script in the place of a program.</summary>
    /// <returns>Its path.</returns>
    public string Script(string name, string content)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(_checkout, "programs")).FullName, name);
        File.WriteAllText(path, "#!/bin/sh\n" + content + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Environment["PATH"] = $"{Path.GetDirectoryName(path)}:{System.Environment.GetEnvironmentVariable("PATH")}";
        return path;
    }

    public void Start(params string[] command)
    {
        _process?.Dispose();
        lock (_output) _output.Clear();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(_checkout, "launcher", "ese-launcher.dll"), .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _checkout,
        };
        start.Environment["ESE_PORT_BASE"] = PortBase.ToString(CultureInfo.InvariantCulture);
        start.Environment.Remove("ESE_POSTGRES");
        start.Environment.Remove("KAFKA_BOOTSTRAP_SERVERS");
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits until the system it runs is in a certain state.</summary>
    public async Task<SystemState> Until(Func<SystemState, bool> outcome, string whatFor)
    {
        var state = await Eventually.Within(
            TimeSpan.FromMinutes(3),
            () => Task.FromResult(SystemState.Running(Work) ?? (_process!.HasExited ? throw new InvalidOperationException($"The launcher ended: {Output}") : null)),
            state => state is not null && outcome(state),
            whatFor);
        state!.Launcher.Pid.ShouldBe(_process!.Id);
        return state;
    }

    /// <summary>Ends it as kill -9 does.</summary>
    public void Kill() => _process!.Kill();

    /// <summary>Asks it to end, and waits for that.</summary>
    public async Task End()
    {
        using var term = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -TERM {_process!.Id}")]);
        await ExitCode();
    }

    /// <summary>Waits until it ends by itself.</summary>
    public async Task<int> ExitCode()
    {
        await _process!.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return _process.ExitCode;
    }

    public void Dispose()
    {
        // Whatever it has started ends with it.
        if (_process is { HasExited: false }) _process.Kill();
        _process?.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (_output) _output.Add(line);
    }
}
