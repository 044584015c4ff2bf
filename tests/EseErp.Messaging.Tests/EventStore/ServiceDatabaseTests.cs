using EseErp.EventStore;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>Pooled connections come back as they are.</summary>
public sealed class ServiceDatabaseTests(EventStoreFixture store) : IClassFixture<EventStoreFixture>
{
    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Should_free_the_locks_of_a_session_that_is_given_back(bool givesBack, bool isFree)
    {
        var key = Random.Shared.NextInt64();
        await using var pool = ServiceDatabase.Open(store.Database);
        await using (var session = await pool.OpenConnectionAsync())
        {
            (await Ask(session, $"select pg_try_advisory_lock({key})")).ShouldBeTrue();
            if (givesBack) await ServiceDatabase.GiveBack(pool, session);
        }

        await using var other = new NpgsqlConnection(store.Database);
        await other.OpenAsync();
        (await Ask(other, $"select pg_try_advisory_lock({key})")).ShouldBe(isFree);
    }

    private static async Task<bool> Ask(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return (bool)(await command.ExecuteScalarAsync())!;
    }
}
