using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>A database that answers and takes nothing is no database to work with, and readiness says so.</summary>
public sealed class FullDiskTests(TestDatabases databases) : DeliverySpec(databases)
{
    [Theory]
    [InlineData("database")]
    [InlineData("broker")]
    public async Task Should_be_unready_while_a_database_is_read_only_and_ready_again_afterwards(string what)
    {
        var team = await StartTeam();
        await Eventually.Within(Limit, async () => (await Health(team)).Values.All(entry => entry.Status == HealthStatus.Healthy), "it to be ready");
        var name = what == "broker" ? Databases.BrokerDatabase : new NpgsqlConnectionStringBuilder(Database).Database;

        // As a standby is, or what some operators do when the disk is nearly full.
        await Databases.Server.Execute($"alter database \"{name}\" set default_transaction_read_only = on");
        await Databases.Server.EndSessions($"datname = '{name}'");
        try
        {
            await Eventually.Within(Limit, async () => (await Health(team))[what].Description?.EndsWith("cannot be used: it is read-only.", StringComparison.Ordinal) == true, "it to be unready");
            (await Health(team))[what].Status.ShouldBe(HealthStatus.Unhealthy);
            (await Health(team))[what == "broker" ? "database" : "broker"].Status.ShouldBe(HealthStatus.Healthy);
            // What comes meanwhile waits, as for a database that is away.
            if (what == "database") await Publish(Parcels("RMA-1", 0, 3));
        }
        finally
        {
            await Databases.Server.Execute($"alter database \"{name}\" reset default_transaction_read_only");
            await Databases.Server.EndSessions($"datname = '{name}'");
        }

        await Eventually.Within(Limit, async () => (await Health(team)).Values.All(entry => entry.Status == HealthStatus.Healthy), "it to be ready again");
        if (what != "database") return;
        ShouldBeOnceEach(await Applied(team, 3), Parcels("RMA-1", 0, 3));
        (await Ask<long>("select count(*) from ese.dead_letters")).ShouldBe(0);
    }

    [Fact]
    public async Task Should_be_unready_while_the_disk_of_its_database_is_full_and_ready_again_afterwards()
    {
        // Only root may mount a small disk, and only here is the server of the test's own.
        if (!Environment.IsPrivilegedProcess || !Databases.Server.IsPrivate) return;
        var database = new NpgsqlConnectionStringBuilder(Database);
        await using var disk = await SmallDisk.Mount(await Ask<string>("show data_directory", Databases.Server.AdministratorConnectionString));
        var space = $"small_{Guid.NewGuid():N}";
        await Databases.Server.Execute($"create tablespace {space} location '{disk.Path}'");
        try
        {
            await Databases.Server.EndSessions($"datname = '{database.Database}'");
            await Databases.Server.Execute($"alter database \"{database.Database}\" set tablespace {space}");
            await using (var team = await Team.Start(Database, Messaging))
            {
                await Eventually.Within(Limit, async () => (await Health(team)).Values.All(entry => entry.Status == HealthStatus.Healthy), "it to be ready");

                disk.Fill();
                (await Health(team))["database"].Description.ShouldBe("The service's database cannot be used: its disk is full.");
                (await Health(team))["database"].Status.ShouldBe(HealthStatus.Unhealthy);
                (await Health(team))["broker"].Status.ShouldBe(HealthStatus.Healthy);

                disk.Empty();
                (await Health(team)).Values.ShouldAllBe(entry => entry.Status == HealthStatus.Healthy);
            }
        }
        finally
        {
            await Databases.Server.EndSessions($"datname = '{database.Database}'");
            await Databases.Server.Execute($"alter database \"{database.Database}\" set tablespace pg_default");
            await Databases.Server.Execute($"drop tablespace {space}");
        }
    }

    [Fact]
    public async Task Should_leave_nothing_behind_when_it_is_asked()
    {
        var team = await StartTeam();
        await Health(team);
        const string traces = "select pg_database_size(current_database())::text || ' ' || pg_snapshot_xmax(pg_current_snapshot())::text";
        // Others write in the same server: one calm moment is enough.
        await Eventually.Within(Limit, async () =>
        {
            var before = await Ask<string>(traces);
            for (var time = 0; time < 10; time++) (await Health(team))["database"].Status.ShouldBe(HealthStatus.Healthy);
            return await Ask<string>(traces) == before;
        }, "ten looks that leave no trace");
    }

    private static async Task<T> Ask<T>(string sql, string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<IReadOnlyDictionary<string, HealthReportEntry>> Health(Team team) =>
        (await team.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"))).Entries;

    /// <summary>A disk of a few megabytes, in memory.</summary>
    private sealed class SmallDisk : IAsyncDisposable
    {
        private const int Megabytes = 48;
        private readonly string _mount = Directory.CreateTempSubdirectory("ese-disk-").FullName;

        public string Path => System.IO.Path.Combine(_mount, "data");

        private string Filler => System.IO.Path.Combine(_mount, "filler");

        /// <param name="like">Whose owner it gets.</param>
        public static async Task<SmallDisk> Mount(string like)
        {
            var disk = new SmallDisk();
            await Run("mount", "-t", "tmpfs", "-o", $"size={Megabytes}m", "tmpfs", disk._mount);
            Directory.CreateDirectory(disk.Path);
            await Run("chown", $"--reference={like}", disk.Path);
            return disk;
        }

        public void Fill()
        {
            using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            foreach (var size in new[] { 1 << 20, 4096 })
            {
                try
                {
                    while (true) file.Write(new byte[size]);
                }
                catch (IOException)
                {
                    // Full, but for less than that.
                }
            }
        }

        public void Empty() => File.Delete(Filler);

        public async ValueTask DisposeAsync()
        {
            await Run("umount", "--lazy", _mount);
            Directory.Delete(_mount);
        }

        private static async Task Run(params string[] command)
        {
            using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
            var errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            process.ExitCode.ShouldBe(0, errors);
        }
    }
}
