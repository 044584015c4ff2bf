using System.CommandLine;
using EseErp.Launcher.Logs;
using EseErp.Launcher.Output;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese logs sales --follow</c>, <c>./ese logs --return RMA-…</c>.</summary>
internal static class LogsCommand
{
    public static Command Create()
    {
        var team = new Argument<string?>("team") { Description = "For example sales; without it all teams", Arity = ArgumentArity.ZeroOrOne };
        var follow = new Option<bool>("--follow", "-f") { Description = "Show new lines as they are written" };
        var returnId = new Option<string?>("--return") { Description = "Only lines about this return" };
        var tail = new Option<int?>("--tail", "-n") { Description = "Show only the last lines" }.Between(0, int.MaxValue);
        var command = new Command("logs", "Show the teams' logs in time order") { team, follow, returnId, tail };
        command.SetAction((parsed, cancellationToken) =>
        {
            IReadOnlyList<string> teams = parsed.GetValue(team) is { } name
                ? [ServiceCatalog.Find(name).Team]
                : [.. ServiceCatalog.All.Select(service => service.Team)];
            var logs = new TeamLogs(Path.Combine(Checkout.WorkDirectory, "logs"), teams, parsed.GetValue(returnId));
            return RunAsync(logs, parsed.GetValue(tail), parsed.GetValue(follow), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(TeamLogs logs, int? tail, bool follow, CancellationToken cancellationToken)
    {
        var any = false;
        foreach (var line in tail is { } count ? logs.Existing().TakeLast(count) : logs.Existing())
        {
            cancellationToken.ThrowIfCancellationRequested();
            any = true;
            Screen.Line(line.Text);
        }

        if (!any && !follow)
            Screen.Error("The logs have nothing about that.");
        while (follow)
        {
            await Task.Delay(200, cancellationToken);
            foreach (var line in logs.Added())
                Screen.Line(line.Text);
        }

        return 0;
    }
}
