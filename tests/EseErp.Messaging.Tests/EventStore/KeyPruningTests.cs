using Npgsql;

namespace EseErp.Messaging.Tests;

public sealed class KeyPruningTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Fact]
    public async Task Should_forget_keys_after_seven_days_and_not_before()
    {
        var database = await databases.CreateDatabase();
        await using (await Team.Start(database))
            await Execute(
                database,
                """
                insert into ese.idempotency_keys (key, operation, body_hash, created_at)
                select 'old-' || n, 'POST /', ''::bytea, now() - interval '7 days 1 minute' from generate_series(1, 2500) n
                union all select 'young', 'POST /', ''::bytea, now() - interval '6 days 23 hours'
                """);

        await using (await Team.Start(database))
            await Eventually.Within(TimeSpan.FromSeconds(60), async () => (long)(await Execute(database, "select count(*) from ese.idempotency_keys"))!, count => count == 1, "the old keys to go");

        (await Execute(database, "select key from ese.idempotency_keys")).ShouldBe("young");
    }

    private static async Task<object?> Execute(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
