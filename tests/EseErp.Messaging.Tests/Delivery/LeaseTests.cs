using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>Who holds a lock and does not use its session any more, as a stopped process, loses it.</summary>
public sealed class LeaseTests(TestDatabases databases) : DeliverySpec(databases)
{
    private static readonly TimeSpan TakenOver = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Should_take_over_the_relay_of_a_leader_that_has_stopped()
    {
        await using var stopped = await Session(Database, $"select pg_advisory_lock({Relay.LeaderLock})");
        var team = await StartTeam();

        await team.Send(Parcels("RMA-1", 0, 5));

        await Eventually.Within(TakenOver, async () => (await team.Receipts()).Count, count => count == 5, "the events to be published and applied");
    }

    [Fact]
    public async Task Should_take_over_the_lanes_of_a_member_that_has_stopped()
    {
        var group = Partitioner.PartitionOf(Messaging.Group, int.MaxValue);
        await using var stopped = await Session(
            Messaging.Broker, $"select pg_advisory_lock({group}, 1000001), pg_advisory_lock({group}, 0), pg_advisory_lock({group}, 1)");
        (await Broker.HasMembers(Messaging.Group, CancellationToken.None)).ShouldBeTrue("it counts as one");
        var parcels = Enumerable.Range(0, Messaging.Partitions).SelectMany(lane => Parcels(KeyOfLane(lane), 0, 3)).ToList();
        await Publish(parcels);
        var team = await StartTeam();

        await Eventually.Within(TakenOver, async () => (await team.Receipts()).Count, count => count == parcels.Count, "all lanes to be worked on");

        ShouldBeOnceEach(await team.Receipts(), parcels);
    }

    [Fact]
    public async Task Should_leave_a_leader_and_a_member_alone_who_have_nothing_to_do()
    {
        var leader = await StartTeam();
        await leader.Send(Parcels("RMA-0", 0, 1));
        await Applied(leader, 1);
        var sessions = await Sessions();
        await StartTeam();

        // Longer than a session may be unused: to use it now and then is what keeps it.
        await Eventually.Within(Limit, () => Ask<bool>(
            $"select coalesce(min(backend_start) < clock_timestamp() - interval '8 seconds', true) from pg_stat_activity where pid in ({string.Join(',', sessions)})"), "time to pass");

        var now = await Sessions();
        now.Count.ShouldBe(3, "one leader, two members");
        sessions.ShouldBeSubsetOf(now);

        // The relay's leader and, in the broker's database, the members.
        async Task<List<int>> Sessions()
        {
            var found = new List<int>();
            await using var connection = new NpgsqlConnection(Databases.Server.Connect(null));
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(
                $"""
                select distinct l.pid from pg_locks l join pg_database d on d.oid = l.database
                where l.locktype = 'advisory' and l.granted and (
                    (l.objid = {Relay.LeaderLock} and l.objsubid = 1 and d.datname = '{new NpgsqlConnectionStringBuilder(Database).Database}')
                    or (l.classid = {Partitioner.PartitionOf(Messaging.Group, int.MaxValue)}::bigint::oid and l.objsubid = 2 and l.objid >= 1000000 and d.datname = '{Databases.BrokerDatabase}'))
                """, connection);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync()) found.Add(reader.GetInt32(0));
            return found;
        }
    }

    /// <summary>A session of the service's role that takes locks and is never used again.</summary>
    private static async Task<NpgsqlConnection> Session(string database, string sql)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }
}
