using System.Diagnostics;
using System.Globalization;
using EseErp.Launcher;
using EseErp.Launcher.Supervision;

namespace EseErp.SystemTests;

/// <summary><c>./ese up</c> as a process of its own, in a checkout of its own.</summary>
public sealed class LauncherTests : IDisposable
{
    private readonly LauncherCheckout _checkout = new();
    private readonly int _portBase = Ports.FreeBase();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private Process? _launcher;

    private Uri Mode => new($"http://127.0.0.1:{_portBase + 1}/mode");

    [Fact]
    public async Task Should_leave_nothing_running_when_it_is_killed_and_start_again()
    {
        var first = Processes(await Up());
        (await _client.PutAsync(Mode, new StringContent("""{"mode":"traditional"}""", null, "application/json"))).EnsureSuccessStatusCode();
        _launcher!.Kill();
        await Eventually.Within(
            TimeSpan.FromSeconds(20),
            () => Task.FromResult(first.Count(process => process.IsAlive)),
            left => left == 0,
            "the services and PostgreSQL have ended");

        var second = Processes(await Up());
        (await _client.GetStringAsync(Mode)).ShouldContain("traditional", customMessage: "what was written before the kill is there");
        await End(_launcher!);
        second.ShouldAllBe(process => !process.IsAlive);
    }

    public void Dispose()
    {
        // Whatever it has started ends with it.
        if (_launcher is { HasExited: false }) _launcher.Kill();
        _launcher?.Dispose();
        _client.Dispose();
    }

    private static List<ProcessIdentity> Processes(SystemState state) =>
        [.. state.Services.Select(service => service.Process!), ProcessIdentity.Of(state.Postgres.Pid!.Value)!];

    private static async Task End(Process launcher)
    {
        LauncherCheckout.Signal(launcher, "TERM");
        await launcher.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
    }

    private async Task<SystemState> Up()
    {
        _launcher?.Dispose();
        var start = _checkout.Command("up", "--no-seed");
        start.Environment["ESE_PORT_BASE"] = _portBase.ToString(CultureInfo.InvariantCulture);
        _launcher = Process.Start(start)!;
        var state = await Eventually.Within(
            TimeSpan.FromMinutes(3),
            () => Task.FromResult(_launcher.HasExited ? throw new InvalidOperationException("The launcher ended.") : SystemState.Running(_checkout.Work)),
            state => state?.Phase == SystemPhase.Ready,
            "the system is up");
        state!.Launcher.Pid.ShouldBe(_launcher.Id);
        return state;
    }
}
