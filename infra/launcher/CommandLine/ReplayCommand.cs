using System.CommandLine;
using EseErp.Launcher.Api;
using EseErp.Launcher.Output;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese replay --service sales --from-beginning</c>.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var service = new Option<string>("--service") { Description = "For example sales: it gets everything again and does nothing twice; tracking: it is built again", Required = true };
        // The only place to replay from, and too much to do by accident.
        var fromBeginning = new Option<bool>("--from-beginning") { Description = "From the first event on (required)" };
        var acceptLoss = new Option<bool>("--accept-loss") { Description = "Go on with what is left where the broker has dropped its oldest events; otherwise that is refused" };
        var command = new Command("replay", "Have a service read its events again; exit code 0 only if it caught up and did nothing twice") { service, fromBeginning, acceptLoss };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!parsed.GetValue(fromBeginning))
                throw new LauncherException("Say --from-beginning: there is no other place to replay from.");
            using var client = EseClient.OfRunningSystem();
            await new Replay(client, Screen.Line).RunAsync(parsed.GetValue(service)!, parsed.GetValue(acceptLoss), cancellationToken);
            return 0;
        });
        return command;
    }
}
