using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>A service may append and read records and store offsets, and nothing else.</summary>
public sealed class PostgresPrivileges(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Theory]
    [InlineData("delete from records")]
    [InlineData("update records set value = ''::bytea")]
    [InlineData("insert into records values (1, 1, 0, 0, 'k', ''::bytea, now())")]
    [InlineData("truncate records")]
    [InlineData("drop table records")]
    [InlineData("update settings set retention = interval '1 day'")]
    [InlineData("insert into settings values (false, interval '1 day')")]
    [InlineData("delete from settings")]
    [InlineData("update heads set next_offset = 0")]
    [InlineData("delete from topics")]
    [InlineData("delete from group_offsets")]
    [InlineData("create table mine (id int)")]
    public async Task Should_refuse_a_service_to_tamper_with_the_log(string sql)
    {
        await using var connection = new NpgsqlConnection(databases.Broker("ese_sales"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);

        var refused = await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync());

        refused.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }
}
