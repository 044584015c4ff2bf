using System.Globalization;
using EseErp.Launcher.Supervision;

namespace EseErp.SystemTests;

/// <summary>
/// <c>./ese up --broker kafka</c> on a machine without Docker. In the place of each service is a program that only waits:
/// these are about what the launcher does.
/// </summary>
public sealed class LauncherKafkaTests : IDisposable
{
    private readonly LauncherProcess _launcher = new();

    public LauncherKafkaTests()
    {
        _launcher.Script("docker", "exit 1");
        _launcher.Environment["DOTNET_HOST_PATH"] = _launcher.Script("waits", "exec cat >/dev/null");
        _launcher.Environment["KAFKA_SASL_USERNAME"] = "a caller's own";
        _launcher.Environment["KAFKA_BROKER_VERSION"] = "a caller's own, which is not this broker's";
    }

    [Fact]
    public async Task Should_leave_no_Kafka_running_when_it_is_killed_and_start_again()
    {
        var first = Processes(await UpWithKafka());
        _launcher.Kill();
        await Eventually.Within(
            TimeSpan.FromSeconds(30),
            () => Task.FromResult(first.Count(process => process.IsAlive)),
            left => left == 0,
            "Kafka, its ZooKeeper and everything else have ended");

        var second = Processes(await UpWithKafka());
        await _launcher.End();
        second.ShouldAllBe(process => !process.IsAlive);
    }

    [Fact]
    public async Task Should_tell_every_service_where_Kafka_is()
    {
        var state = await UpWithKafka();
        foreach (var service in state.Services)
        {
            var environment = await EnvironmentOf(service);
            environment.ShouldContain("Ese__Broker=kafka");
            environment.ShouldContain($"KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:{_launcher.PortBase + 60}");
            environment.ShouldContain("KAFKA_BROKER_VERSION=0.9.0.1");
            environment.ShouldContain("KAFKA_SASL_USERNAME=a caller's own");
        }
    }

    [Fact]
    public async Task Should_leave_a_Kafka_that_is_there_as_it_is()
    {
        _launcher.Environment["KAFKA_BOOTSTRAP_SERVERS"] = "one:9092,two:9092";
        _launcher.Start("up", "--no-seed", "--broker", "kafka");
        var state = await _launcher.Until(AllServicesRun, "the services run");
        state.Kafka.ShouldBe(new KafkaState("one:9092,two:9092", Port: null, Pid: null));
        var environment = await EnvironmentOf(state.Services[0]);
        environment.ShouldContain("KAFKA_BOOTSTRAP_SERVERS=one:9092,two:9092");
        environment.ShouldContain("KAFKA_BROKER_VERSION=a caller's own, which is not this broker's");
    }

    [Fact]
    public async Task Should_refuse_another_broker_than_that_of_the_data()
    {
        await UpWithKafka();
        await _launcher.End();

        _launcher.Start("up", "--no-seed");
        (await _launcher.ExitCode()).ShouldBe(1);
        _launcher.Output.ShouldContain("Start with --broker kafka, without KAFKA_BOOTSTRAP_SERVERS");

        _launcher.Environment["KAFKA_BOOTSTRAP_SERVERS"] = "elsewhere:9092";
        _launcher.Start("up", "--no-seed", "--broker", "kafka");
        (await _launcher.ExitCode()).ShouldBe(1);
        _launcher.Output.ShouldContain("Start with --broker kafka, without KAFKA_BOOTSTRAP_SERVERS");
    }

    [Fact]
    public async Task Should_name_the_brokers_there_are()
    {
        _launcher.Start("up", "--broker", "rabbit");
        (await _launcher.ExitCode()).ShouldNotBe(0);
        _launcher.Output.ShouldContain("postgres");
        _launcher.Output.ShouldContain("kafka");
    }

    public void Dispose() => _launcher.Dispose();

    private static bool AllServicesRun(SystemState state) => state.Services.Count > 0 && state.Services.All(service => service.Process is not null);

    private List<ProcessIdentity> Processes(SystemState state)
    {
        var record = Directory.GetFiles(Path.Combine(_launcher.Work, "kafka"), "zookeeper-*.pid").ShouldHaveSingleItem();
        int[] servers = [state.Postgres.Pid!.Value, state.Kafka!.Pid!.Value, int.Parse(File.ReadAllText(record), CultureInfo.InvariantCulture)];
        return [.. state.Services.Select(service => service.Process!), .. servers.Select(server => ProcessIdentity.Of(server).ShouldNotBeNull())];
    }

    private Task<SystemState> UpWithKafka()
    {
        _launcher.Start("up", "--no-seed", "--broker", "kafka");
        return _launcher.Until(state => AllServicesRun(state) && state.Kafka?.Pid is not null, "Kafka and the services run");
    }

    // A process has an id a moment before it has the environment it was given.
    private static Task<string[]> EnvironmentOf(ServiceState service) => Eventually.Within(
        Expectations.Soon,
        async () => (await File.ReadAllTextAsync($"/proc/{service.Process!.Pid}/environ")).Split('\0'),
        environment => environment.Any(variable => variable.StartsWith("Ese__Broker=", StringComparison.Ordinal)),
        $"{service.Team} has its environment");
}
