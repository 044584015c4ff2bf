using EseErp.EventStore;
using EseErp.Messaging.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>
/// Teams with real databases and a real broker in between; each test has its own database, topic and group.
/// </summary>
public abstract class DeliverySpec(TestDatabases databases) : IClassFixture<TestDatabases>, IAsyncLifetime
{
    protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly List<IAsyncDisposable> _started = [];

    protected TestDatabases Databases { get; } = databases;

    protected string Database { get; private set; } = "";

    protected TeamMessaging Messaging { get; private set; } = null!;

    /// <summary>The broker as seen from outside.</summary>
    protected PostgresBroker Broker { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Database = await Databases.CreateDatabase();
        var name = Guid.NewGuid().ToString("N");
        Messaging = new TeamMessaging(Databases.Broker("ese_sales"), $"topic-{name}") { Group = $"parcels-{name}" };
        Broker = new PostgresBroker(NpgsqlDataSource.Create(Databases.Broker("ese_inventory")), NullLoggerFactory.Instance);
        await Broker.CreateTopics([Messaging.Topic], Messaging.Partitions, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        foreach (var started in _started.AsEnumerable().Reverse()) await started.DisposeAsync();
        await Broker.DisposeAsync();
    }

    /// <summary>Starts a replica of the team; ended with the test if not before.</summary>
    protected async Task<Team> StartTeam(TeamMessaging? messaging = null)
    {
        var team = await Team.Start(Database, messaging ?? Messaging);
        _started.Add(team);
        return team;
    }

    /// <summary>Starts a replica with something faulty between it and the broker.</summary>
    protected async Task<(Team Team, FaultyBroker Faults)> StartFaulty(Action<FaultyBroker> faults, TeamMessaging? messaging = null)
    {
        FaultyBroker? faulty = null;
        var team = await StartTeam((messaging ?? Messaging) with
        {
            Decorate = broker =>
            {
                faulty = new FaultyBroker(broker);
                faults(faulty);
                return faulty;
            },
        });
        return (team, faulty!);
    }

    protected static IEnumerable<ParcelSent> Parcels(string returnId, int from, int count, bool acknowledge = false) =>
        Enumerable.Range(from, count).Select(number => new ParcelSent(returnId, number, acknowledge));

    /// <summary>Publishes parcels past any relay, as another team's would arrive.</summary>
    protected Task Publish(IEnumerable<ParcelSent> parcels, string coordination = Coordination.Event) =>
        Broker.Publish(Messaging.Topic, parcels.Select(parcel => Outgoing(parcel, coordination)).ToList(), CancellationToken.None);

    protected static OutgoingRecord Outgoing(ParcelSent parcel, string coordination = Coordination.Event, DateTimeOffset? time = null) => new(parcel.ReturnId, CloudEvent.Write(
        new RecordedEvent(
            EventPosition.Start, parcel.ReturnId, 1, Guid.CreateVersion7(), "ese.parcels.parcel-sent.v1", parcel.ReturnId, time ?? DateTimeOffset.UtcNow, "correlation-1",
            null, coordination, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", System.Text.Json.JsonSerializer.Serialize(parcel, EventJson.Options)),
        "/elsewhere"));

    /// <summary>Waits until the parcels are noted, and everything published is behind the group.</summary>
    protected async Task<List<Receipt>> Applied(Team team, int count)
    {
        await Eventually.Within(Limit, async () => (await team.Receipts()).Count, n => n >= count, $"{count} parcels applied");
        await CaughtUp();
        return await team.Receipts();
    }

    protected Task CaughtUp() => Eventually.Within(Limit, Lag, lag => lag == 0, "the group to catch up");

    protected async Task<long> Lag() => (await Broker.Positions(Messaging.Group, [Messaging.Topic], CancellationToken.None)).Sum(position => position.Lag);

    /// <summary>How many records the topic holds.</summary>
    protected async Task<long> End() => (await Broker.Positions(Messaging.Group, [Messaging.Topic], CancellationToken.None)).Sum(position => position.End);

    /// <summary>Return ids that fall into the wanted lane.</summary>
    protected string KeyOfLane(int lane, int skip = 0) =>
        Enumerable.Range(0, 1000).Select(number => $"RMA-{number}").Where(key => Partitioner.PartitionOf(key, Messaging.Partitions) == lane).Skip(skip).First();

    protected static void ShouldBeOnceEach(IEnumerable<Receipt> receipts, IEnumerable<ParcelSent> parcels) =>
        receipts.Select(receipt => (receipt.ReturnId, receipt.Number)).Order().ShouldBe(parcels.Select(parcel => (parcel.ReturnId, parcel.Number)).Order());
}
