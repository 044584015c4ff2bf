using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>
/// Years of returns in a moment: every row that earlier rounds left is copied many times under other keys by SQL, in all
/// databases and in the embedded broker.
/// </summary>
/// <remarks>
/// Texts that name a return or a device get a number before them, UUIDs are drawn anew, and logs get places before those in use,
/// so that nobody reads the copies as news. It is what the indexes and the buffers hold that matters here, not that the
/// copies would make sense.
/// </remarks>
internal static class History
{
    /// <summary>What keys of copies are like.</summary>
    public const string Copies = "H%-%";

    private static readonly string[] Keys = ["return_id", "stream_id", "subject", "serial_number", "device_key", "case_id", "consumer_group"];
    private static readonly string[] Shared = ["mode", "projection", "relay_position", "inbox_days", "heads", "group_offsets", "producers", "stock_items", "idempotency_keys"];

    /// <param name="from">Copies begin with this number, above those made before.</param>
    public static async Task Copy(SystemUnderTest system, int from, int copies, Action<string> report, CancellationToken cancellationToken)
    {
        await Task.WhenAll(system.Databases.Select(database => Copy(system, database, from, copies, cancellationToken)));
        foreach (var database in system.Databases) await system.Execute(database, "vacuum analyze");
        await system.Checkpoint();
        var size = await system.Ask<long>(system.Databases[0], "select sum(pg_database_size(oid))::bigint from pg_database");
        report($"History copied {copies:N0} times; all databases together hold {size / 1024 / 1024:N0} MB.");
    }

    private static async Task Copy(SystemUnderTest system, string database, int from, int copies, CancellationToken cancellationToken)
    {
        await using var connection = await system.Connect(database, cancellationToken);
        foreach (var (table, columns) in await Tables(connection, cancellationToken))
        {
            // A table without any of these holds no returns.
            if (!columns.Any(column => Keys.Contains(column.Name) || column.Name is "offset")) continue;
            if (Shared.Any(shared => table.EndsWith($".{shared}", StringComparison.Ordinal))) continue;
            var names = string.Join(", ", columns.Select(column => $"\"{column.Name}\""));
            var values = string.Join(", ", columns.Select(column => column switch
            {
                { Name: "offset" } => "t.\"offset\" - g * 10000000::bigint",
                { IsIdentity: true } => $"t.\"{column.Name}\" - g * 10000000::bigint",
                { Type: "uuid" } => "gen_random_uuid()",
                { Name: var name } when Keys.Contains(name) => $"'H' || g || '-' || t.\"{name}\"",
                _ => $"t.\"{column.Name}\"",
            }));
            // Copies of copies would grow without end: only what a round left is copied.
            var own = columns.FirstOrDefault(column => Keys.Contains(column.Name)) is { } key ? $"t.\"{key.Name}\" not like '{Copies}'"
                : "t.\"offset\" >= 0";
            await using var command = new NpgsqlCommand(
                $"insert into {table} ({names}) overriding system value select {values} from {table} t cross join generate_series({from}, {from + copies - 1}) g where {own}", connection);
            command.CommandTimeout = 1800;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task<List<(string Table, List<Column> Columns)>> Tables(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select format('%I.%I', n.nspname, c.relname), a.attname, t.typname, a.attidentity <> ''
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            join pg_type t on t.oid = a.atttypid
            where c.relkind = 'r' and n.nspname in ('public', 'ese')
            order by c.oid, a.attnum
            """, connection);
        var tables = new List<(string, List<Column>)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (tables.Count == 0 || tables[^1].Item1 != reader.GetString(0)) tables.Add((reader.GetString(0), []));
            tables[^1].Item2.Add(new Column(reader.GetString(1), reader.GetString(2), reader.GetBoolean(3)));
        }

        return tables;
    }

    private sealed record Column(string Name, string Type, bool IsIdentity);
}
