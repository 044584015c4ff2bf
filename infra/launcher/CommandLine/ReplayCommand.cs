using System.CommandLine;
using EseErp.Launcher.Api;
using EseErp.Launcher.Output;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese replay --service sales --from-beginning</c>.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var service = new Option<string>("--service") { Description = "For example sales: it reads everything again and does nothing twice; tracking: it builds its projection again", Required = true };
        // The only place to replay from, and too much to do by accident.
        var fromBeginning = new Option<bool>("--from-beginning") { Description = "From the first event (required)" };
        var acceptLoss = new Option<bool>("--accept-loss") { Description = "Replay what is left if the broker has dropped its oldest events; without it the replay is refused then" };
        var command = new Command("replay", "Let a service read its events again; exit code 0 only if it caught up and did nothing twice") { service, fromBeginning, acceptLoss };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!parsed.GetValue(fromBeginning))
                throw new LauncherException("Add --from-beginning: a replay always starts there.");
            using var client = EseClient.OfRunningSystem();
            await new Replay(client, Screen.Line).RunAsync(parsed.GetValue(service)!, parsed.GetValue(acceptLoss), cancellationToken);
            return 0;
        });
        return command;
    }
}
