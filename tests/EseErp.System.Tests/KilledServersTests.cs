using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using EseErp.Launcher;
using EseErp.Launcher.Supervision;
using Npgsql;

namespace EseErp.SystemTests;

/// <summary>What a system without any service does for its own servers.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit calls DisposeAsync.")]
public sealed class KilledServersTests : IAsyncLifetime
{
    private readonly EseSystem _system = new(new EseSystemOptions
    {
        WorkDirectory = ThrowAwayDirectory.Create(),
        PortBase = Ports.FreeBase(),
        Services = [],
        Broker = "kafka",
        KafkaBootstrapServers = null,
        ExternalPostgres = null,
        Temporary = true,
    });

    private SystemState State => SystemState.Running(_system.WorkDirectory).ShouldNotBeNull();

    public Task InitializeAsync() => _system.StartAsync();

    public Task DisposeAsync() => _system.DisposeAsync().AsTask();

    [Fact]
    public async Task Should_bring_back_PostgreSQL_and_Kafka_when_they_are_killed()
    {
        var (postgres, kafka) = (State.Postgres.Pid, State.Kafka!.Pid);
        await Task.WhenAll(_system.KillPostgresAsync(), _system.KillKafkaAsync());

        await Eventually.Within(TimeSpan.FromSeconds(60), PostgresAnswers, "PostgreSQL answers again");
        await Eventually.Within(TimeSpan.FromSeconds(60), KafkaAccepts, "Kafka accepts connections again");
        await Eventually.Within(
            TimeSpan.FromSeconds(20),
            () => Task.FromResult(State.Postgres.Pid != postgres && (kafka is null || State.Kafka!.Pid != kafka)),
            "the state tells the new processes");
    }

    private async Task PostgresAnswers()
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_system.Databases.BrokerOwner) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
    }

    private async Task KafkaAccepts()
    {
        using var connection = new TcpClient();
        var address = new Uri($"tcp://{_system.KafkaBootstrapServers}");
        await connection.ConnectAsync(address.Host, address.Port);
    }
}
