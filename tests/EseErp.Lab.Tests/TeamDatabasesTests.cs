using EseErp.Lab.Auditing;
using Npgsql;

namespace EseErp.Lab.Tests;

/// <summary>How the lab looks into databases while it measures or accounts for returns.</summary>
public sealed class TeamDatabasesTests
{
    [Fact]
    public async Task Should_read_again_and_again_in_one_session_and_outlive_its_end()
    {
        var server = await PostgresServer.Get();
        var database = new NpgsqlConnectionStringBuilder(server.AdministratorConnectionString) { Pooling = true }.ConnectionString;
        async Task<int> Read() =>
            (await TeamDatabases.ReadAtAsync(database, "select pg_backend_pid()", row => row.GetInt32(0), CancellationToken.None)).Single();

        var session = await Read();
        (await Read()).ShouldBe(session);
        await server.EndSessions($"pid = {session}");

        (await Read()).ShouldNotBe(session);
    }

    [Fact]
    public async Task Should_change_nothing()
    {
        var server = await PostgresServer.Get();

        var failure = await Should.ThrowAsync<PostgresException>(() => TeamDatabases.ReadAtAsync(
            server.AdministratorConnectionString, "create table written (id int)", _ => 0, CancellationToken.None));

        failure.SqlState.ShouldBe(PostgresErrorCodes.ReadOnlySqlTransaction);
    }
}
