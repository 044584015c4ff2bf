using EseErp.Launcher;
using EseErp.Launcher.Api;
using EseErp.Launcher.Postgres;
using EseErp.Launcher.Supervision;

namespace EseErp.Lab.Chaos;

/// <summary>A second process of a team.</summary>
internal sealed record Replica(string Name, string Team, int PortOffset);

/// <summary>
/// The system a run breaks: its own processes, its own PostgreSQL, on ports and in a directory of its own. Returns go the
/// whole way by themselves, quickly.
/// </summary>
internal sealed class ChaosSystem : IAsyncDisposable
{
    private readonly string _work;

    /// <param name="work">Its data and logs.</param>
    public ChaosSystem(string work, string broker, Action<string> report)
    {
        _work = work;
        Processes = new EseSystem(new EseSystemOptions
        {
            WorkDirectory = work,
            PortBase = Ports.FreeBase(),
            Broker = broker,
            // Only servers of its own may be killed.
            ExternalPostgres = null,
            KafkaBootstrapServers = null,
            DatabasePrefix = "",
            Environment = new Dictionary<string, string>
            {
                ["Ese__AutoAdvanceDelay"] = "00:00:00.500",
                // Still longer than a call with all its attempts; 15 s by default.
                ["UserSupport__Traditional__Lease"] = "00:00:08",
                // Services are killed all the time, and machine code is made sooner in those just started.
                ["DOTNET_EnableWriteXorExecute"] = "0",
            },
            ReadyLimit = TimeSpan.FromSeconds(120),
            Report = report,
        });
    }

    /// <summary>Teams with a second process, so that there is somebody to take over a relay, lanes and returns half-way.</summary>
    public static IReadOnlyList<Replica> Replicas { get; } = [new("user-support-2", "user-support", 11), new("sales-2", "sales", 12)];

    public EseSystem Processes { get; }

    public ProvisionedDatabases Databases => Processes.Databases;

    /// <summary>Where returns can be filed: each process of User Support, as behind a load balancer.</summary>
    public IReadOnlyList<Uri> Intakes =>
        [Processes.BaseAddress("user-support"), .. Replicas.Where(replica => replica.Team == "user-support").Select(replica => Processes.BaseAddress(replica.Name))];

    /// <summary>Starts everything, with demo data of so many orders.</summary>
    public async Task StartAsync(int orders, Action<string> report, CancellationToken cancellationToken)
    {
        await Processes.StartAsync(cancellationToken);
        foreach (var replica in Replicas)
            await Processes.StartReplicaAsync(replica.Team, replica.Name, replica.PortOffset, cancellationToken);
        using var client = new EseClient(Processes.PortBase);
        await DemoSeed.SeedAsync(client, orders, cancellationToken, report);
    }

    /// <summary>Deletes data and logs once the system has been disposed of.</summary>
    public Task DeleteAsync() => LocalPostgres.DeleteDataAsync(_work);

    public ValueTask DisposeAsync() => Processes.DisposeAsync();
}
