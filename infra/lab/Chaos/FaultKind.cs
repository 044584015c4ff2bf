using EseErp.Launcher;

namespace EseErp.Lab.Chaos;

/// <summary>One way to break the system.</summary>
/// <param name="Name">For people and for the report.</param>
/// <param name="Weight">How often it comes, compared with the others.</param>
/// <param name="Victims">Whom it can strike, by name.</param>
/// <param name="Strike">Does it. Null: not possible at this moment; it is tried again.</param>
internal sealed record FaultKind(
    string Name, int Weight, IReadOnlyList<string> Victims, Func<FaultScene, PlannedFault, CancellationToken, Task<Blow?>> Strike)
{
    /// <summary>All that a run with this broker has to withstand. The one place to add a kind.</summary>
    public static IReadOnlyList<FaultKind> For(string broker)
    {
        IReadOnlyList<string> processes = [.. ServiceCatalog.All.Select(service => service.Team), .. ChaosSystem.Replicas.Select(replica => replica.Name)];
        IReadOnlyList<string> teams = [.. ServiceCatalog.All.Select(service => service.Team)];
        List<FaultKind> kinds =
        [
            new("kill -9 of a service", 4, processes, (scene, fault, _) => scene.KillServiceAsync(fault.Victim)),
            new("kill -9 of a relay's leader", 2, ServiceCatalog.Publishing, (scene, fault, cancelled) => scene.KillRelayLeaderAsync(fault.Victim, cancelled)),
            new("relay's leader stopped, then woken", 2, ServiceCatalog.Publishing, (scene, fault, cancelled) => scene.FreezeRelayLeaderAsync(fault.Victim, fault.Hold, cancelled)),
            new("foreign transaction left open", 1, teams, (scene, fault, cancelled) => scene.LeaveTransactionOpenAsync(fault.Victim, fault.Hold, cancelled)),
            new("service frozen, then woken", 2, processes, (scene, fault, _) => scene.FreezeServiceAsync(fault.Victim, fault.Hold)),
            new("database sessions cut", 1, teams, (scene, fault, cancelled) => scene.CutDatabaseSessionsAsync(fault.Victim, cancelled)),
            new("kill -9 of PostgreSQL", 1, [FaultScene.Postgres], (scene, _, _) => scene.KillPostgresAsync()),
            new("PostgreSQL restarted", 1, [FaultScene.Postgres], (scene, _, _) => scene.RestartPostgresAsync()),
        ];
        if (broker == "postgres")
            kinds.Add(new("broker sessions cut", 1, [FaultScene.Broker], (scene, _, cancelled) => scene.CutBrokerSessionsAsync(cancelled)));
        else
            kinds.Add(new("kill -9 of Kafka", 1, [FaultScene.Broker], (scene, _, _) => scene.KillKafkaAsync()));
        return kinds;
    }

    public override string ToString() => Name;
}

/// <summary>A fault that has struck.</summary>
/// <param name="Claim">The victim, which nothing else strikes until it is back.</param>
/// <param name="Hit">What was hit, for people.</param>
/// <param name="Recovery">Completes when the victim works again.</param>
internal sealed record Blow(string Claim, string Hit, Func<CancellationToken, Task> Recovery);
