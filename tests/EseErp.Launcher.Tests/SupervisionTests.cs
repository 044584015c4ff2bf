using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Tests;

/// <summary>How the launcher looks after a process.</summary>
public sealed class SupervisionTests
{
    [Fact]
    public async Task Should_say_at_any_moment_whether_a_process_runs_that_ends_and_is_started_again()
    {
        var output = Path.Combine(ThrowAwayDirectory.Create(), "child.out");
        var starts = 0;
        using var service = new SupervisedService(
            new ServiceDefinition("child", "None", 0, "none", DemoData: false),
            new Uri("http://127.0.0.1:1/"),
            () =>
            {
                Interlocked.Increment(ref starts);
                return ChildProcess.Start(["/bin/sh", "-c", "exit 3"], output);
            },
            output,
            true,
            _ => { },
            () => { });
        await service.StartAsync();
        // Without a pause, so that no moment between the old process and the new one is missed.
        await Task.Run(() =>
        {
            for (var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(30); Volatile.Read(ref starts) < 3 && DateTime.UtcNow < deadline;) _ = service.Process;
        });
        starts.ShouldBe(3);
        await service.StopAsync();
        service.Process.ShouldBeNull();
    }
}
