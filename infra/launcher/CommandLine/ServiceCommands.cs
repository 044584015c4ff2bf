using System.CommandLine;
using EseErp.Launcher.Output;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese stop sales</c>, <c>./ese start sales</c>: one service of a running system.</summary>
internal static class ServiceCommands
{
    public static Command Start() => Create("start", "Start one service of the running system");

    public static Command Stop() => Create("stop", "Stop one service of the running system; the others go on");

    private static Command Create(string action, string description)
    {
        var team = new Argument<string>("team") { Description = "For example sales" };
        var command = new Command(action, description) { team };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var service = ServiceCatalog.Find(parsed.GetValue(team)!);
            var answer = await ControlRequests.AskAsync(Checkout.WorkDirectory, new ControlRequest(action, service.Team), cancellationToken);
            Screen.Line(answer.Message);
            return answer.Done ? 0 : 1;
        });
        return command;
    }
}
