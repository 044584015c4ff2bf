using Npgsql;

namespace EseErp.Messaging.Tests;

public sealed class MigrationTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Should_prepare_the_database_once_when_several_replicas_start_at_once()
    {
        var database = await databases.CreateDatabase();

        var replicas = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Team.Start(database)));

        await replicas[0].Send(new ParcelSent("RMA-1", 1));
        foreach (var replica in replicas)
            await Eventually.Within(Limit, async () => (await replica.Events()).Count == 1, "every replica to read the log");
        (await Scalar(database, "select count(*) = count(distinct name) and count(*) >= 2 from public.ese_schema_scripts")).ShouldBe(true);
        foreach (var replica in replicas) await replica.DisposeAsync();
    }

    [Fact]
    public async Task Should_keep_what_is_there_at_the_next_start()
    {
        var database = await databases.CreateDatabase();
        await using (var first = await Team.Start(database)) await first.Send(new ParcelSent("RMA-1", 1));

        await using var second = await Team.Start(database);

        await Eventually.Within(Limit, async () => (await second.Events()).Count == 1, "the event of the first run");
    }

    [Fact]
    public async Task Should_wait_for_a_database_that_is_not_up_yet()
    {
        var database = await databases.CreateDatabase();
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await databases.Server.Execute($"alter database \"{name}\" allow_connections false");
        var starting = Team.Start(database);
        await Eventually.Within(Limit, () => Task.FromResult(!starting.IsCompletedSuccessfully), "the start to wait");

        await databases.Server.Execute($"alter database \"{name}\" allow_connections true");

        await using var team = await starting.WaitAsync(Limit);
    }

    private static async Task<object?> Scalar(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
