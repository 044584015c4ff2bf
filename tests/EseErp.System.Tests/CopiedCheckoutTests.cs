using EseErp.Launcher.Supervision;
using EseErp.SystemTests.Running;

namespace EseErp.SystemTests;

/// <summary>A checkout that was copied or moved, with everything in it.</summary>
public sealed class CopiedCheckoutTests : IDisposable
{
    private readonly List<LauncherProcess> _launchers = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });

    [Fact]
    public async Task Should_leave_the_original_alone_while_it_runs_and_take_the_data_along_when_it_does_not()
    {
        var original = Launcher(null);
        var running = Processes(await Up(original));
        (await _client.PutAsync(Mode(original), new StringContent("""{"mode":"traditional"}""", null, "application/json"))).EnsureSuccessStatusCode();

        var copy = Launcher(await Copied(original));
        (await Run(copy, "status")).ShouldContain("No system is running from this checkout");
        (await Run(copy, "down")).ShouldContain("Nothing was running from this checkout");
        running.ShouldAllBe(process => process.IsAlive);

        var copied = Processes(await Up(copy));
        copy.Output.ShouldContain($"This is a copy of {original.Work}");
        copy.Output.ShouldContain("set aside");
        (await _client.GetStringAsync(Mode(copy))).ShouldContain("event", customMessage: "it has data of its own");
        (await Run(original, "status")).ShouldContain("Everything is ready.");
        // Killed outright, so that what it left is looked for by name.
        copy.Kill();
        (await Run(copy, "down")).ShouldNotBeEmpty();
        copied.ShouldAllBe(process => !process.IsAlive);
        running.ShouldAllBe(process => process.IsAlive);
        (await _client.GetStringAsync(Mode(original))).ShouldContain("traditional");

        (await Run(original, "down")).ShouldContain("Stopped.");
        running.ShouldAllBe(process => !process.IsAlive);
        var second = Launcher(await Copied(original));
        await Up(second);
        second.Output.ShouldContain($"This is a copy of {original.Work}");
        (await _client.GetStringAsync(Mode(second))).ShouldContain("traditional", customMessage: "what lay still was copied whole");
        await second.End();

        var there = ThrowAwayDirectory.Create();
        Directory.Delete(there);
        Directory.Move(second.Root, there);
        var moved = Launcher(there);
        await Up(moved);
        moved.Output.ShouldContain($"This was moved here from {second.Work}");
        (await _client.GetStringAsync(Mode(moved))).ShouldContain("traditional", customMessage: "its data went along");
        await moved.End();
    }

    public void Dispose()
    {
        foreach (var launcher in _launchers) launcher.Dispose();
        _client.Dispose();
    }

    private LauncherProcess Launcher(string? checkout)
    {
        var launcher = checkout is null ? new LauncherProcess() : new LauncherProcess(checkout);
        _launchers.Add(launcher);
        return launcher;
    }

    private static Uri Mode(LauncherProcess launcher) => new($"http://127.0.0.1:{launcher.PortBase + 1}/mode");

    private static async Task<string> Copied(LauncherProcess original)
    {
        var there = ThrowAwayDirectory.Create();
        Directory.Delete(there);
        // Files that go while they are copied are no matter here.
        await SystemCommand.RunAsync(["cp", "-a", original.Root, there]);
        return there;
    }

    private static async Task<SystemState> Up(LauncherProcess launcher)
    {
        launcher.Start("up", "--no-seed");
        return await launcher.Until(state => state.Phase == SystemPhase.Ready, "the system is up");
    }

    /// <summary>Runs a command beside what may run of this checkout already.</summary>
    private static async Task<string> Run(LauncherProcess of, string command)
    {
        using var launcher = new LauncherProcess(of.Root);
        launcher.Start(command);
        await launcher.ExitCode();
        return launcher.Output;
    }

    private static List<ProcessIdentity> Processes(SystemState state) =>
        [.. state.Services.Select(service => service.Process!), ProcessIdentity.Of(state.Postgres.Pid!.Value)!];
}
