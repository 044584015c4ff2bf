using System.Text.Json.Nodes;
using EseErp.Accounting;
using EseErp.Inventory;
using EseErp.Manufacturing;
using EseErp.Sales;
using EseErp.Teams.Tests.AnyOrder;
using EseErp.Tracking;
using EseErp.UserSupport;
using Npgsql;

namespace EseErp.Teams.Tests;

/// <summary>What services rehearse before they are ready works, and nothing of it is left.</summary>
public sealed class WarmUpTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    // Preparation that every start does: the inbox has a partition for today, and where consumers begin is noted.
    private static readonly string[] Prepared = ["ese.inbox_days"];

    public static TheoryData<string, Type, int> Services => new()
    {
        { "sales", typeof(SalesModule), 3 },
        { "inventory", typeof(InventoryModule), 3 },
        { "manufacturing", typeof(ManufacturingModule), 3 },
        { "accounting", typeof(AccountingModule), 3 },
        { "tracking", typeof(TrackingModule), 5 },
        { "user-support", typeof(UserSupportModule), 3 },
    };

    [Theory, MemberData(nameof(Services))]
    public async Task Should_rehearse_without_a_trace(string team, Type service, int hotPaths)
    {
        // The first start makes the tables and the topics.
        await StartAndStop(team, service, "00:00:00");
        var before = await Everything(team);

        var said = await StartAndStop(team, service, "00:01:00");

        said.ShouldContain(line => line.StartsWith("Information Warm after ") && line.EndsWith($" {hotPaths} hot paths have run"), string.Join('\n', said));
        said.ShouldNotContain(line => line.Contains("Warm-up", StringComparison.Ordinal), string.Join('\n', said));
        said.ShouldNotContain(line => line.Contains("999999999999", StringComparison.Ordinal) || line.Contains("REHEARSAL", StringComparison.Ordinal));
        (await Everything(team)).ShouldBe(before);
        before.Count.ShouldBeGreaterThan(10);
    }

    /// <returns>What it logged, with the level before it.</returns>
    private async Task<List<string>> StartAndStop(string team, Type service, string limit)
    {
        (string, string)[] settings =
        [
            ("ConnectionStrings:Database", databases.Database(DatabaseOf(team))), ("ConnectionStrings:Broker", databases.Broker(DatabaseOf(team))),
            ("Ese:ConsoleLevel", "None"), ("Ese:WarmUpLimit", limit),
            // Nobody is there: teams are not called in a rehearsal.
            .. new[] { "sales", "inventory", "manufacturing", "accounting" }.Select(name => ($"Ese:Teams:{name}", "http://127.0.0.1:9")),
        ];
        await using var started = await ServiceInProcess.Start(team, service, settings);
        await Eventually.Within(Deadline, () => started.Get("/health/ready"), answer => answer is not null, $"{team} is ready");
        var lines = await Eventually.Within(
            Deadline, async () => (await started.Get("/logs?limit=500"))!["items"]!.AsArray().Select(line => $"{line!["level"]} {line["message"]}").ToList(),
            read => limit == "00:00:00" || read.Exists(line => line.Contains("Warm", StringComparison.Ordinal)), $"{team} says that it is warm");
        return lines;
    }

    // Rows of all tables, and the places of all sequences, of the team's database and of the broker's.
    private async Task<SortedDictionary<string, string>> Everything(string team)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await Read(databases.Database(DatabaseOf(team)), "", found);
        await Read(databases.BrokerOwner, "broker ", found);
        return found;
    }

    private static async Task Read(string connectionString, string prefix, SortedDictionary<string, string> found)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        var names = new List<(string Name, bool IsSequence)>();
        await using (var list = new NpgsqlCommand(
            """
            select quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relkind = 'S' from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p', 'S') and not c.relispartition and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
            """, connection))
        await using (var reader = await list.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync()) names.Add((reader.GetString(0), reader.GetBoolean(1)));
        }

        foreach (var (name, isSequence) in names.Where(table => !Prepared.Contains(table.Name)))
        {
            await using var sum = new NpgsqlCommand(
                isSequence ? $"select last_value || ', given out: ' || is_called from {name}"
                : $"select count(*) || ' rows, ' || coalesce(sum(hashtextextended(t::text, 0)), 0) from {name} t", connection);
            found[prefix + name] = (string)(await sum.ExecuteScalarAsync())!;
        }
    }

    private static string DatabaseOf(string team) => $"ese_{team.Replace('-', '_')}";
}
