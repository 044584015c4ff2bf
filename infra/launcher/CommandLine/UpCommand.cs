using System.CommandLine;
using System.Diagnostics;
using EseErp.Launcher.Api;
using EseErp.Launcher.Output;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese up</c>: everything, until Ctrl-C.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var options = new UpOptions();
        var detach = new Option<bool>("--detach", "-d") { Description = "Return when ready and leave it running; ./ese down ends it" };
        var command = new Command("up", "Start PostgreSQL and every service; stays until Ctrl-C") { detach };
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            var seed = !parsed.GetValue(options.NoSeed);
            return parsed.GetValue(detach)
                ? DetachedSystem.StartAsync(options.Read(parsed), seed, cancellationToken)
                : RunAsync(options.Read(parsed), seed, onReady: null, staysUp: true, cancellationToken);
        });
        return command;
    }

    /// <summary>Starts a system, does something with it once it is ready, and stops it at the end, however that comes.</summary>
    /// <param name="onReady">Its answer is the exit code.</param>
    /// <param name="staysUp">Whether to wait for Ctrl-C after that.</param>
    public static async Task<int> RunAsync(
        EseSystemOptions options, bool seed, Func<EseClient, Task<int>>? onReady, bool staysUp, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await using var system = new EseSystem(options);
        var exitCode = 130;
        try
        {
            await system.StartAsync(cancellationToken);
            using var client = new EseClient(system.PortBase);
            Screen.Line($"Ready in {clock.Elapsed.TotalSeconds:0.0} s.");
            if (seed)
                await DemoData.SeedIfNoneAsync(client, cancellationToken);
            if (onReady is null || staysUp)
                Addresses.Show(client);
            exitCode = onReady is null ? 0 : await onReady(client);
            if (staysUp)
            {
                Screen.Line("Running; Ctrl-C stops everything.");
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }

        Screen.Line("Stopping…");
        await system.StopAsync();
        Screen.Line("Stopped.");
        return exitCode;
    }
}
