using System.Diagnostics;
using EseErp.EventStore;
using EseErp.Launcher.Postgres;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>A service's database comes back from a copy: on another server, or as it was some time ago.</summary>
public sealed class RestoreTests(TestDatabases databases) : DeliverySpec(databases)
{
    private readonly List<Team> _teams = [];

    [Fact]
    public async Task Should_publish_and_apply_everything_after_a_move_to_a_server_that_has_seen_fewer_transactions()
    {
        if (!Databases.Server.IsPrivate) return; // Only of our own server the programs are known.
        await Published(Database, Parcels("RMA-1", 0, 5));
        // Recorded, and never published there.
        await using (var deaf = await Team.Start(Database, Messaging with { Consumes = false, Publishes = false })) await deaf.Send(Parcels("RMA-1", 5, 5));
        var other = new LocalPostgres(ThrowAwayDirectory.Create(), FreePort.Find(), durable: false);
        await other.StartAsync();
        try
        {
            await Databases.Server.Execute("do $$ begin for i in 1..5000 loop perform pg_current_xact_id(); commit; end loop; end $$");
            var moved = await Move(other);
            (await Xid(moved)).ShouldBeLessThan(await Xid(Databases.Server.Connect(null)), "the other server's counter");

            await using var team = await Team.Start(moved, Messaging);
            await team.Send(Parcels("RMA-1", 10, 5));

            await Eventually.Within(Limit, async () => (await team.Receipts()).Count, count => count >= 15, "everything to be published and applied");
            ShouldBeOnceEach(await team.Receipts(), Parcels("RMA-1", 0, 15));
            (await team.Receipts()).Select(receipt => receipt.Number).ShouldBe(Enumerable.Range(0, 15));
            (await End()).ShouldBe(15);
        }
        finally
        {
            await other.DeleteAsync();
        }
    }

    [Fact]
    public async Task Should_publish_what_a_database_restored_to_an_older_state_records_and_apply_once_what_it_hears_again()
    {
        await Published(Database, Parcels("RMA-1", 0, 5));
        var older = await Copy();
        await Published(Database, Parcels("RMA-1", 5, 5));
        (await End()).ShouldBe(10);

        // At its positions 6 to 8 stand other events than those that were published.
        var team = await Start(older);
        await team.Send(Parcels("RMA-2", 0, 3));

        await Eventually.Within(Limit, End, end => end == 13, "the new events to be published");
        Said(team, "was restored").ShouldBeTrue();
        // What the other state had published later is news to this one.
        await Eventually.Within(Limit, async () => (await team.Receipts()).Count, count => count >= 13, "all to be applied");
        await team.Send(Parcels("RMA-2", 3, 20));
        await Eventually.Within(Limit, async () => (await team.Receipts()).Count, count => count >= 33, "those beyond the old end as well");
        ShouldBeOnceEach(await team.Receipts(), [.. Parcels("RMA-1", 0, 10), .. Parcels("RMA-2", 0, 23)]);
        (await End()).ShouldBe(33);
    }

    [Fact]
    public async Task Should_publish_again_what_an_older_state_had_not_noted_and_apply_it_once()
    {
        await Published(Database, Parcels("RMA-1", 0, 5));
        await Databases.Server.Execute("update ese.relay_position set position = 3", Name(Database));
        var older = await Copy();
        await Published(Database, Parcels("RMA-1", 5, 1));
        // The group's place is the copy's as well, and older than what it had applied.
        await Databases.Server.Execute("update ese.group_offsets set next_offset = next_offset / 2", Name(older));

        var team = await Start(older);

        await Eventually.Within(Limit, End, end => end == 8, "the fourth and the fifth to come again");
        await team.Send(Parcels("RMA-2", 0, 1));
        await Eventually.Within(Limit, async () => (await team.Receipts()).Count, count => count >= 7, "all to be applied");
        await Eventually.Within(Limit, async () => (await team.Receipts()).Any(receipt => receipt.ReturnId == "RMA-2"), "the new one");
        ShouldBeOnceEach(await team.Receipts(), [.. Parcels("RMA-1", 0, 6), .. Parcels("RMA-2", 0, 1)]);
    }

    [Fact]
    public async Task Should_not_take_a_database_for_restored_that_was_not()
    {
        await Published(Database, Parcels("RMA-1", 0, 5));
        var copy = await Copy();

        var team = await Start(copy);
        await team.Send(Parcels("RMA-1", 5, 5));

        await Eventually.Within(Limit, async () => (await team.Receipts()).Count, count => count >= 10, "all to be applied");
        Said(team, "was restored").ShouldBeFalse();
        (await End()).ShouldBe(10);
    }

    /// <summary>Records parcels, has them published and applied, and stops.</summary>
    private async Task Published(string database, IEnumerable<ParcelSent> parcels)
    {
        await using var team = await Team.Start(database, Messaging);
        var before = (await team.Receipts()).Count;
        await team.Send(parcels);
        await Eventually.Within(Limit, async () => (await team.Receipts()).Count, count => count >= before + parcels.Count(), "the parcels to be applied");
        await CaughtUp();
    }

    private async Task<Team> Start(string database)
    {
        var team = await Team.Start(database, Messaging);
        _teams.Add(team);
        return team;
    }

    public override async Task DisposeAsync()
    {
        foreach (var team in _teams) await team.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>A copy of the service's database as it is now.</summary>
    private async Task<string> Copy()
    {
        var copy = await Databases.CreateDatabase();
        await Databases.Server.Execute($"drop database \"{Name(copy)}\"");
        await Databases.Server.EndSessions($"datname = '{Name(Database)}'");
        await Databases.Server.Execute($"create database \"{Name(copy)}\" owner \"{new NpgsqlConnectionStringBuilder(copy).Username}\" template \"{Name(Database)}\"");
        return copy;
    }

    /// <summary>Moves the service's database to another server by dump and restore.</summary>
    private async Task<string> Move(LocalPostgres other)
    {
        var to = new NpgsqlConnectionStringBuilder(other.AdministratorConnectionString) { Database = "moved" };
        await using (var connection = new NpgsqlConnection(other.AdministratorConnectionString))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("create database moved template template0", connection);
            await command.ExecuteNonQueryAsync();
        }

        var directory = await Text(Databases.Server.Connect(null), "select setting from pg_config where name = 'BINDIR'");
        var file = Path.Combine(ThrowAwayDirectory.Create(), "dump");
        await Run(Path.Combine(directory, "pg_dump"), new NpgsqlConnectionStringBuilder(Databases.Server.Connect(Name(Database))), "--format=custom", $"--file={file}");
        await Run(Path.Combine(directory, "pg_restore"), to, "--no-owner", "--no-privileges", "--exit-on-error", $"--dbname={to.Database}", file);
        return to.ConnectionString;
    }

    private static async Task Run(string program, NpgsqlConnectionStringBuilder server, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, [$"--host={server.Host}", $"--port={server.Port}", $"--username={server.Username}", .. arguments]) { RedirectStandardError = true };
        start.Environment["PGPASSWORD"] = server.Password;
        if (program.EndsWith("pg_dump", StringComparison.Ordinal)) start.ArgumentList.Add(server.Database!);
        using var process = Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, said);
    }

    private static async Task<long> Xid(string database) => long.Parse(await Text(database, "select pg_current_xact_id()::text"), System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<string> Text(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static string Name(string database) => new NpgsqlConnectionStringBuilder(database).Database!;

    private static bool Said(Team team, string text)
    {
        lock (team.Warnings) return team.Warnings.Any(warning => warning.Contains(text, StringComparison.Ordinal));
    }
}
