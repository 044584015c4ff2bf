using System.Globalization;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Kafka;

/// <summary>Apache Kafka as a container (<c>infra/kafka/compose.yaml</c>), where a Docker engine answers. Its topics are in a volume of this system's own.</summary>
internal sealed class DockerKafka(string workDirectory, int port, Action<string> report) : IOwnKafka
{
    // An image may have to be fetched first.
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(5);

    private readonly string _docker = SystemCommand.Find("docker") ?? "docker";
    private KafkaGuard? _guard;

    public string Identity => DataBroker.OwnKafka(DataBroker.Docker, workDirectory);

    public int Port => port;

    public string? BrokerVersion => null;

    public int? ProcessId => null;

    private Dictionary<string, string?> Settings => new() { ["ESE_KAFKA_PORT"] = port.ToString(CultureInfo.InvariantCulture) };

    public static async Task<bool> IsAvailableAsync(CancellationToken cancellationToken)
    {
        if (SystemCommand.Find("docker") is not { } docker)
            return false;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_answerLimit);
        try
        {
            return (await SystemCommand.RunAsync([docker, "info"], cancellationToken: patience.Token)).Succeeded
                && (await SystemCommand.RunAsync([docker, "compose", "version"], cancellationToken: patience.Token)).Succeeded;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public Task<bool> IsRunningAsync(CancellationToken cancellationToken) => Ports.AcceptsAsync(port, cancellationToken);

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        report("Starting Kafka's container; the first time this downloads its image.");
        _guard ??= KafkaGuard.Running(Compose("stop"), Settings, Path.Combine(workDirectory, "logs", "kafka-guard.out"));
        await RunAsync(Compose("up", "--detach", "--wait"), s_startLimit, cancellationToken);
    }

    public Task KillAsync() => RunAsync(Compose("kill", "--signal", "SIGKILL"), TimeSpan.FromSeconds(30), CancellationToken.None);

    public async Task StopAsync()
    {
        try
        {
            await RunAsync(Compose("stop"), TimeSpan.FromSeconds(60), CancellationToken.None);
        }
        catch (LauncherException failure)
        {
            // Nothing else depends on it, and everything else is to be stopped too.
            report(failure.Message);
        }

        _guard?.Dispose();
        _guard = null;
    }

    public async Task DeleteAsync()
    {
        await RunAsync(Compose("down", "--volumes"), TimeSpan.FromSeconds(60), CancellationToken.None);
        _guard?.Dispose();
        _guard = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private string[] Compose(params string[] arguments) =>
        [_docker, "compose", "--file", Path.Combine(Checkout.Root, "infra", "kafka", "compose.yaml"), "--project-name", $"ese-{DataBroker.KafkaId(workDirectory)}", .. arguments];

    private async Task RunAsync(string[] command, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(limit);
        try
        {
            var environment = Settings.ToDictionary(setting => setting.Key, setting => setting.Value!);
            var result = await SystemCommand.RunAsync(command, environment: environment, cancellationToken: patience.Token);
            if (!result.Succeeded)
                throw new LauncherException($"Docker could not {command[6]} Kafka's container:\n{string.Join('\n', result.Output.Split('\n').TakeLast(8))}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LauncherException($"Docker did not {command[6]} Kafka's container within {limit.TotalSeconds:0} s.");
        }
    }
}
