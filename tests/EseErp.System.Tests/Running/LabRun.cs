using System.Collections.Concurrent;
using System.Diagnostics;
using EseErp.Launcher.Supervision;

namespace EseErp.SystemTests.Running;

/// <summary>One command of <c>./ese</c> that brings a system of its own, as a person runs it.</summary>
internal sealed class LabRun(LabCheckout checkout) : IDisposable
{
    private readonly ConcurrentQueue<string> _output = [];
    private Process? _process;

    public Process Process => _process!;

    public string Output => string.Join('\n', _output);

    public void Start(params IEnumerable<string> arguments)
    {
        var start = checkout.Command(arguments);
        // Who starts the tests in the background of a script has them, and whatever they start, ignore Ctrl-C.
        start.ArgumentList.Insert(0, start.FileName);
        start.ArgumentList.Insert(0, "--default-signal=INT");
        start.FileName = "env";
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits until it has said this.</summary>
    public Task Says(string text) => Eventually.Within(
        TimeSpan.FromMinutes(3),
        () => Task.FromResult(Process.HasExited ? throw new InvalidOperationException(Output) : _output.Any(line => line.Contains(text))),
        $"it to say '{text}'");

    /// <summary>Presses Ctrl-C: it ends soon, and nothing of its system is left, on disk, on its ports or running.</summary>
    /// <param name="directory">Where it keeps its systems, one to a run.</param>
    /// <param name="below">Where in that of the run.</param>
    public async Task ShouldLeaveNothingOnCtrlC(string directory, string below = "")
    {
        var system = SystemState.Running(Path.Combine(Directory.GetDirectories(directory).Single(), below)).ShouldNotBeNull();

        LabCheckout.Signal(Process, "INT");
        await Eventually.Within(TimeSpan.FromMinutes(1), () =>
        {
            Process.HasExited.ShouldBeTrue(Output);
            return Task.CompletedTask;
        }, "it to end");
        Process.ExitCode.ShouldBe(130, Output);
        system.Services.ShouldAllBe(service => service.Process == null || !service.Process.IsAlive);
        Enumerable.Range(system.PortBase, 100).ShouldAllBe(port => !Ports.IsTaken(port));
        Directory.EnumerateFileSystemEntries(directory).ShouldBeEmpty();
    }

    public void Dispose()
    {
        // Whatever it has started ends with it.
        if (_process is { HasExited: false }) _process.Kill();
        _process?.Dispose();
    }
}
