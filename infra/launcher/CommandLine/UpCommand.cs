using System.CommandLine;
using System.Diagnostics;
using EseErp.Launcher.Api;
using EseErp.Launcher.Output;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese up</c>: everything, until Ctrl-C.</summary>
internal static class UpCommand
{
    /// <summary>Said by the launcher that detaches to the one that stays: nobody reads a table of addresses there.</summary>
    public const string InBackground = "--in-background";

    public static Command Create()
    {
        var options = new UpOptions();
        var detach = new Option<bool>("--detach", "-d") { Description = "Return when everything is ready and leave it running; ./ese down ends it" };
        var inBackground = new Option<bool>(InBackground) { Hidden = true };
        var command = new Command("up", "Start PostgreSQL, the broker and every service; runs until Ctrl-C") { detach, inBackground };
        options.AddTo(command);
        command.Options.Add(options.Except);
        command.SetAction((parsed, cancellationToken) =>
        {
            var seed = !parsed.GetValue(options.NoSeed);
            return parsed.GetValue(detach)
                ? DetachedSystem.StartAsync(options.Read(parsed), seed, cancellationToken)
                : RunAsync(options.Read(parsed), seed, client => Show(client, parsed.GetValue(inBackground)), staysUp: true, cancellationToken);
        });
        return command;
    }

    /// <summary>Starts a system, does something with it once it is ready, and stops it at the end, however that comes.</summary>
    /// <param name="onReady">Its answer is the exit code.</param>
    /// <param name="staysUp">Whether to wait for Ctrl-C after that.</param>
    public static async Task<int> RunAsync(
        EseSystemOptions options, bool seed, Func<EseClient, Task<int>> onReady, bool staysUp, CancellationToken cancellationToken)
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
                await DemoSeed.SeedIfNoneAsync(client, options.Services, cancellationToken);
            exitCode = await onReady(client);
            if (staysUp)
                await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }

        Screen.Line("Stopping…");
        await system.StopAsync();
        Screen.Line("Stopped.");
        return exitCode;
    }

    public static void ShowAddresses(EseClient client)
    {
        Addresses.Show(client);
        Screen.Line("Running; Ctrl-C stops everything.");
    }

    private static Task<int> Show(EseClient client, bool inBackground)
    {
        if (!inBackground)
            ShowAddresses(client);
        return Task.FromResult(0);
    }
}
