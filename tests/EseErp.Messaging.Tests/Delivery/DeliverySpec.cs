using EseErp.EventStore;
using EseErp.Messaging.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>
/// Teams with real databases and a real broker in between; each test has its own database, topic and group.
/// </summary>
/// <param name="engine">The engine, when it is not the embedded one.</param>
public abstract class DeliverySpec(TestDatabases databases, IServiceEngine? engine = null) : IClassFixture<TestDatabases>, IAsyncLifetime
{
    protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // A busy machine makes no event slow; SlowMessageSpec is about those that are.
    private static readonly Dictionary<string, string> Patience = new() { ["SlowAfter"] = "00:00:20", ["AttemptLimit"] = "00:01:00" };

    private readonly List<IAsyncDisposable> _started = [];
    private NpgsqlDataSource _outside = null!;

    protected TestDatabases Databases { get; } = databases;

    protected string Database { get; private set; } = "";

    protected TeamMessaging Messaging { get; private set; } = null!;

    /// <summary>The broker as seen from outside.</summary>
    protected IBroker Broker { get; private set; } = null!;

    /// <summary>Whether a relay that starts over knows what the broker has of its log, though it never heard of it.</summary>
    protected bool BrokerKnowsWhatItHas { get; } = engine?.KnowsWhatItHas ?? true;

    public async Task InitializeAsync()
    {
        Database = await Databases.CreateDatabase();
        var name = Guid.NewGuid().ToString("N");
        Messaging = new TeamMessaging(Databases.Broker("ese_sales"), $"topic-{name}") { Group = $"parcels-{name}", Options = Patience };
        if (engine is not null) Messaging = Messaging with { Engine = engine.Settings };
        _outside = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Database) { Pooling = false });
        Broker = engine is not null
            ? await engine.Connect()
            : new PostgresBroker(NpgsqlDataSource.Create(Databases.Broker("ese_inventory")), NullLoggerFactory.Instance);
        await Broker.CreateTopics([Messaging.Topic], Messaging.Partitions, CancellationToken.None);
    }

    public virtual async Task DisposeAsync()
    {
        foreach (var started in _started.AsEnumerable().Reverse()) await started.DisposeAsync();
        if (Broker is IAsyncDisposable own) await own.DisposeAsync();
        await _outside.DisposeAsync();
    }

    /// <summary>Starts a replica of the team; ended with the test if not before.</summary>
    /// <param name="database">How it reaches the database, where that is by another way.</param>
    protected async Task<Team> StartTeam(TeamMessaging? messaging = null, string? database = null)
    {
        var team = await Team.Start(database ?? Database, messaging ?? Messaging);
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
            0, parcel.ReturnId, 1, Guid.CreateVersion7(), "ese.parcels.parcel-sent.v1", parcel.ReturnId, time ?? DateTimeOffset.UtcNow, "correlation-1",
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

    /// <summary>How many records the group has not read yet or tries again, by the offsets in its service's database.</summary>
    protected async Task<long> Lag() => (await Positions()).Sum(position => position.Lag!.Value);

    /// <summary>How far the group has read the topic, by the offsets in its service's database and the ends that the broker tells.</summary>
    protected async Task<IReadOnlyList<GroupPosition>> Positions()
    {
        var isThere = await HasOffsets();
        var stored = isThere ? await Offsets.ReadWithTimes([Messaging.Topic], CancellationToken.None) : [];
        var retrying = isThere ? await new Retries(_outside).Count(CancellationToken.None) : new Dictionary<(string, int), long>();
        return (await Broker.Ends([Messaging.Topic], CancellationToken.None)).OrderBy(end => end.Partition)
            .Select(end =>
            {
                var (next, movedAt) = stored.GetValueOrDefault((end.Topic, end.Partition));
                return new GroupPosition(
                    Messaging.Group, end.Topic, end.Partition, Math.Max(next, end.Oldest), end.Next, movedAt == default ? null : movedAt, end.SeenAt,
                    retrying.GetValueOrDefault((end.Topic, end.Partition)));
            })
            .ToList();
    }

    /// <summary>Sends the group back to the oldest records, as a replay does.</summary>
    protected Task SendToBeginning() => Offsets.SendToBeginning([Messaging.Topic], CancellationToken.None);

    /// <summary>How many records the topic holds.</summary>
    protected async Task<long> End() => (await Broker.Ends([Messaging.Topic], CancellationToken.None)).Sum(end => end.Next);

    /// <summary>Joins a topic in a group of its own.</summary>
    protected async Task<StoringConsumer> Listen(string? topic = null)
    {
        var store = new MemoryOffsets();
        return new StoringConsumer(
            await Broker.Join($"reader-{Guid.NewGuid():N}", [topic ?? Messaging.Topic], new ConsumeOptions { Workers = 1 }, store, CancellationToken.None), store);
    }

    /// <summary>Reads a topic from its beginning, until it has so many records.</summary>
    protected async Task<List<BrokerRecord>> Read(int count, string? topic = null)
    {
        await using var consumer = await Listen(topic);
        using var limit = new CancellationTokenSource(Limit);
        var records = new List<BrokerRecord>();
        while (records.Count < count)
        {
            var batch = await consumer.Take(limit.Token);
            records.AddRange(batch.Records);
            consumer.Commit(batch);
        }

        return records;
    }

    /// <summary>Asks the service's database, on a connection of its own.</summary>
    protected async Task<T> Ask<T>(string sql)
    {
        await using var command = _outside.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private GroupOffsets Offsets => new(_outside);

    // The first service that starts makes the tables.
    private Task<bool> HasOffsets() => Ask<bool>("select to_regclass('ese.retries') is not null");

    /// <summary>Return ids that fall into the wanted lane.</summary>
    protected string KeyOfLane(int lane, int skip = 0) =>
        Enumerable.Range(0, 1000).Select(number => $"RMA-{number}").Where(key => Partitioner.PartitionOf(key, Messaging.Partitions) == lane).Skip(skip).First();

    protected static void ShouldBeOnceEach(IEnumerable<Receipt> receipts, IEnumerable<ParcelSent> parcels) =>
        receipts.Select(receipt => (receipt.ReturnId, receipt.Number)).Order().ShouldBe(parcels.Select(parcel => (parcel.ReturnId, parcel.Number)).Order());
}
