using EseErp.Launcher.Api;
using EseErp.Launcher.Output;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese up --detach</c>: a second launcher runs the system in the background; this one waits until it is ready.</summary>
internal static class DetachedSystem
{
    public static async Task<int> StartAsync(EseSystemOptions options, bool seed, CancellationToken cancellationToken)
    {
        if (SystemState.Running(options.Work) is { } running)
            throw new LauncherException($"A system is already running from this checkout (launcher {running.Launcher.Pid}); see ./ese status, or end it with ./ese down.");

        var output = Path.Combine(options.Work, "logs", "launcher.out");
        Directory.CreateDirectory(Path.GetDirectoryName(output)!);
        TextFiles.Roll(output);
        string[] switches =
        [
            "--broker", options.Broker,
            .. options.Restart ? Array.Empty<string>() : ["--no-restart"],
            .. options.AutoAdvance ? Array.Empty<string>() : ["--no-auto-advance"],
            .. ServiceCatalog.All.Except(options.Services).SelectMany(service => new[] { "--except", service.Team }),
        ];
        using var launcher = ChildProcess.Start(
            [Environment.ProcessPath!, typeof(DetachedSystem).Assembly.Location, "up", "--no-seed", UpCommand.InBackground, .. switches], output, keepsInput: false);

        var shown = 0;
        try
        {
            while (!IsReady(options.Work, launcher.Pid))
            {
                if (launcher.HasExited)
                {
                    Show(output, ref shown);
                    return 1;
                }

                Show(output, ref shown);
                await Task.Delay(100, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            launcher.Signal(Signals.Terminate);
            throw;
        }

        Show(output, ref shown);
        using var client = new EseClient(options.PortBase);
        if (seed)
            await DemoSeed.SeedIfNoneAsync(client, options.Services, cancellationToken);
        Addresses.Show(client);
        Screen.Line("Running in the background; ./ese status shows it, ./ese down stops it.");
        return 0;
    }

    private static bool IsReady(string workDirectory, int launcher) =>
        SystemState.Running(workDirectory) is { Phase: SystemPhase.Ready } state && state.Launcher.Pid == launcher;

    private static void Show(string output, ref int shown)
    {
        // Only what is complete: the last piece has no line end yet.
        var lines = (TextFiles.Read(output) ?? "").Split('\n')[..^1];
        foreach (var line in lines.Skip(shown))
            Screen.Line(line);
        shown = Math.Max(shown, lines.Length);
    }
}
