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

    [Fact]
    public async Task Should_bring_a_database_of_an_earlier_build_up_to_date_with_its_dead_letters_and_what_is_tried_again()
    {
        var database = await databases.CreateDatabase();
        await using (await Team.Start(database))
        {
        }

        var library = typeof(IBroker).Assembly;
        foreach (var script in library.GetManifestResourceNames().Where(name => name.StartsWith("Schema/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            if (string.CompareOrdinal(script, "Schema/0108") >= 0) continue;
            using var text = new StreamReader(library.GetManifestResourceStream(script)!);
            await Scalar(database, await text.ReadToEndAsync());
            await Scalar(database, $"insert into public.ese_schema_scripts (name) values ('{Path.GetFileNameWithoutExtension(script)}')");
        }

        await Scalar(
            database,
            """
            insert into ese.dead_letters (topic, partition, "offset", key, reason, error, attempts, value, redriven_at) values
                ('t', 0, 1, 'RMA-1', 'Unreadable', 'no event', 1, 'x', null), ('t', 0, 2, 'RMA-2', 'Conflict', 'other', 1, 'y', now());
            insert into ese.retries (topic, partition, "offset", key, type, event_id, attempts, value, next_at) values ('t', 0, 3, 'RMA-3', 'x', gen_random_uuid(), 1, 'z', now() + interval '1 day')
            """);

        await using var team = await Team.Start(database, new TeamMessaging(databases.Broker("ese_sales"), $"topic-{Guid.NewGuid():N}"));

        (await Scalar(database, "select string_agg(key, ',') from ese.dead_letters where open")).ShouldBe("RMA-1");
        (await Scalar(database, "select count(distinct fingerprint) from ese.dead_letters")).ShouldBe(2L);
        (await Scalar(database, "select count(*) from ese.retries")).ShouldBe(1L);
        // As a letter that is set aside now has it, or the same record would be a letter twice.
        (await Scalar(database, "select fingerprint = sha256('RMA-1'::bytea || '\\x00'::bytea || 'x'::bytea) from ese.dead_letters where key = 'RMA-1'")).ShouldBe(true);
    }

    private static async Task<object?> Scalar(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
