using System.CommandLine;
using System.Globalization;
using EseErp.Launcher.Api;
using EseErp.Launcher.Output;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese status</c>: 0 only when everything is ready and no dead letter is open.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var command = new Command("status", "Show what runs; exit code 0 only if everything is ready and no dead letter is open");
        command.SetAction((_, cancellationToken) => RunAsync(Checkout.WorkDirectory, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string workDirectory, CancellationToken cancellationToken)
    {
        if (SystemState.Running(workDirectory) is not { } system)
        {
            Screen.Line("No system is running from this checkout; start one with ./ese up.");
            return 1;
        }

        using var client = new EseClient(system.PortBase);
        var states = await Task.WhenAll(system.Services.Select(service => StateOfAsync(client, service, cancellationToken)));
        var letters = await Task.WhenAll(system.Services.Select((service, index) => DeadLettersOfAsync(client, service, states[index], cancellationToken)));
        var postgres = Ports.IsTaken(system.Postgres.Port) ? "ready" : system.Postgres.Host == "127.0.0.1" ? "down" : "elsewhere";
        var kafka = system.Kafka?.Port is { } port ? (Ports.IsTaken(port) ? "ready" : "down") : "elsewhere";
        List<IReadOnlyList<string>> rows =
        [
            .. system.Services.Select((service, index) => (IReadOnlyList<string>)
                [service.Team, client.AddressOf(service.Team).ToString().TrimEnd('/'), Text(service.Process?.Pid), states[index], letters[index]?.ToString(CultureInfo.InvariantCulture) ?? "–"]),
            ["postgresql", $"{system.Postgres.Host}:{system.Postgres.Port}", Text(system.Postgres.Pid), postgres, ""],
        ];
        if (system.Kafka is not null)
            rows.Add(["kafka", system.Kafka.BootstrapServers, Text(system.Kafka.Pid), kafka, ""]);
        Screen.Table(["Service", "Address", "Process", "State", "Dead letters"], rows);

        var ready = system.Phase == SystemPhase.Ready && states.All(state => state == "ready") && postgres != "down" && kafka != "down";
        var open = letters.Sum() ?? 0;
        var well = open == 0 ? "Everything is ready."
            : $"Everything is ready, but {open:N0} dead letters are open (./ese dead-letters).";
        Screen.Line(ready ? well : $"Not everything is ready (the launcher, {system.Launcher.Pid}, is {Describe(system.Phase)}).");
        return ready && open == 0 ? 0 : 1;
    }

    /// <summary>Null where it cannot be told.</summary>
    private static async Task<long?> DeadLettersOfAsync(EseClient client, ServiceState service, string state, CancellationToken cancellationToken)
    {
        if (state is "down" or "stopped" or "not answering")
            return null;
        try
        {
            var answer = await client.GetAsync(service.Team, "dead-letters/count", cancellationToken);
            return answer.Succeeded && long.TryParse(answer.Body.Text("open"), NumberStyles.None, CultureInfo.InvariantCulture, out var open) ? open : null;
        }
        catch (LauncherException)
        {
            return null;
        }
    }

    private static async Task<string> StateOfAsync(EseClient client, ServiceState service, CancellationToken cancellationToken)
    {
        if (service.Process is not { IsAlive: true })
            return service.Wanted ? "down" : "stopped";
        try
        {
            var answer = await client.GetAsync(service.Team, "health/ready", cancellationToken);
            return answer.Succeeded ? "ready" : $"not ready ({answer.Status})";
        }
        catch (LauncherException)
        {
            return "not answering";
        }
    }

    private static string Text(int? pid) => pid is { } id ? $"{id}" : "–";

    private static string Describe(SystemPhase phase) => phase switch
    {
        SystemPhase.Starting => "starting",
        SystemPhase.Stopping => "stopping",
        _ => "up",
    };
}
