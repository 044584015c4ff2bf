using EseErp.Launcher;
using EseErp.Launcher.Postgres;
using Npgsql;

namespace EseErp.Services.Tests.Running;

/// <summary>What all services have written: for each table the number of rows and a checksum of what is in them.</summary>
internal sealed class Ledger(ProvisionedDatabases databases, RunningSystem system)
{
    // Keys, positions and times of the machinery; what they are about is in the other tables.
    private static readonly string[] Bookkeeping = ["ese.idempotency_keys", "ese.relay_position", "ese.group_offsets", "public.group_offsets"];

    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    public async Task<IReadOnlyDictionary<string, string>> Read()
    {
        var tables = new Dictionary<string, string>();
        foreach (var service in ServiceCatalog.All) await Read(service.Database, databases.Database(service.Database), tables);
        await Read("ese_broker", databases.BrokerOwner, tables);
        return tables;
    }

    /// <summary>Waits until every event has reached everyone and nobody writes any more.</summary>
    /// <returns>What is written then.</returns>
    public async Task<IReadOnlyDictionary<string, string>> Quiet()
    {
        IReadOnlyDictionary<string, string> before = new Dictionary<string, string>();
        var quiet = await Eventually.Within(
            Settling,
            async () =>
            {
                (var last, before) = (before, await Read());
                return (Now: before, Settled: Changes(last, before).Count == 0 && await Backlog() == 0);
            },
            read => read.Settled,
            "nothing is being worked on any more");
        return quiet.Now;
    }

    public static IReadOnlyList<string> Changes(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) => before.Keys.Union(after.Keys)
        .Where(table => before.GetValueOrDefault(table) != after.GetValueOrDefault(table))
        .Select(table => $"{table}: {before.GetValueOrDefault(table)} → {after.GetValueOrDefault(table)}")
        .ToList();

    private async Task<long> Backlog()
    {
        var unread = 0L;
        foreach (var service in ServiceCatalog.All)
            unread += (await system.Get(service.Team, "/consumers")).AsArray().Sum(position => (long)position!["lag"]!);
        var unpublished = 0L;
        foreach (var service in ServiceCatalog.All)
        {
            unpublished += await Scalar(databases.Database(service.Database),
                "select count(*) from ese.event_log e where not exists (select 1 from ese.relay_position p where p.position >= e.position)");
        }

        var rebuilding = (string?)(await system.Get("tracking", "/projection"))["state"] == "live" ? 0 : 1;
        return unread + unpublished + rebuilding;
    }

    private static async Task Read(string database, string connectionString, Dictionary<string, string> tables)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        var names = new List<string>();
        await using (var list = new NpgsqlCommand(
            """
            select quote_ident(n.nspname) || '.' || quote_ident(c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
            """, connection))
        await using (var reader = await list.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync()) names.Add(reader.GetString(0));
        }

        foreach (var name in names.Except(Bookkeeping))
        {
            await using var sum = new NpgsqlCommand($"select count(*) || ' rows, ' || coalesce(sum(hashtextextended(t::text, 0)), 0) from {name} t", connection);
            tables[$"{database} {name}"] = (string)(await sum.ExecuteScalarAsync())!;
        }
    }

    private static async Task<long> Scalar(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
