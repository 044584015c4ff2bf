using System.CommandLine;
using EseErp.Launcher.Output;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese down</c>: ends the system of this checkout, from any terminal.</summary>
internal static class DownCommand
{
    public static Command Create()
    {
        var command = new Command("down", "Stop the system that runs from this checkout");
        command.SetAction((_, _) => RunAsync(Checkout.WorkDirectory));
        return command;
    }

    private static async Task<int> RunAsync(string workDirectory)
    {
        var launcher = SystemLock.Holder(workDirectory);
        if (launcher is not null)
        {
            Screen.Line("Stopping…");
            await launcher.EndAsync(Signals.Terminate, TimeSpan.FromSeconds(45));
        }

        // Normally nothing: only where the launcher was killed, and its children did not notice.
        var services = await Leftovers.EndServicesAsync(workDirectory);
        var kafka = await Leftovers.EndKafkaAsync(workDirectory);
        var postgres = await Leftovers.EndPostgresAsync(workDirectory);
        Screen.Line(launcher is not null || services > 0 || kafka || postgres ? "Stopped." : "Nothing was running from this checkout.");
        return 0;
    }
}
