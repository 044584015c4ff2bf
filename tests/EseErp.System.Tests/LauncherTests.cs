using EseErp.Launcher.Supervision;

namespace EseErp.SystemTests;

/// <summary><c>./ese up</c> as a process of its own, in a checkout of its own.</summary>
public sealed class LauncherTests : IDisposable
{
    private readonly LauncherProcess _launcher = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });

    private Uri Mode => new($"http://127.0.0.1:{_launcher.PortBase + 1}/mode");

    [Fact]
    public async Task Should_leave_nothing_running_when_it_is_killed_and_start_again()
    {
        var first = Processes(await Up());
        (await _client.PutAsync(Mode, new StringContent("""{"mode":"traditional"}""", null, "application/json"))).EnsureSuccessStatusCode();
        _launcher.Kill();
        await Eventually.Within(
            TimeSpan.FromSeconds(20),
            () => Task.FromResult(first.Count(process => process.IsAlive)),
            left => left == 0,
            "the services and PostgreSQL have ended");

        var second = Processes(await Up());
        (await _client.GetStringAsync(Mode)).ShouldContain("traditional", customMessage: "what was written before the kill is there");
        await _launcher.End();
        second.ShouldAllBe(process => !process.IsAlive);
    }

    public void Dispose()
    {
        _launcher.Dispose();
        _client.Dispose();
    }

    private static List<ProcessIdentity> Processes(SystemState state) =>
        [.. state.Services.Select(service => service.Process!), ProcessIdentity.Of(state.Postgres.Pid!.Value)!];

    private Task<SystemState> Up()
    {
        _launcher.Start("up", "--no-seed");
        return _launcher.Until(state => state.Phase == SystemPhase.Ready, "the system is up");
    }
}
