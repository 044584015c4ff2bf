using EseErp.Lab.Auditing;
using EseErp.Launcher;

namespace EseErp.Lab.Comparison;

/// <summary>What the databases hold at a moment, exactly: counted, not estimated.</summary>
/// <param name="Rows">In all tables of all databases, the broker's too.</param>
/// <param name="Messages">Facts the teams have recorded, each published once.</param>
/// <param name="Deliveries">Events that consumer groups have taken in.</param>
/// <param name="Calls">Steps User Support has called a team for; an attempt that is repeated counts once.</param>
/// <param name="WrittenBytes">PostgreSQL's write-ahead log.</param>
internal sealed record Counters(long Rows, long Messages, long Deliveries, long Calls, long WrittenBytes)
{
    private const string Tables =
        """
        select coalesce(string_agg(format('select %L, count(*) from %I.%I', c.relname, n.nspname, c.relname), ' union all '), 'select '''', 0::bigint')
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
        """;

    public static async Task<Counters> ReadAsync(ComparedSystem system, CancellationToken cancellationToken)
    {
        var databases = system.Processes.Databases;
        string[] all = [.. ServiceCatalog.All.Select(service => databases.Database(service.Database)), databases.BrokerOwner];
        var tables = (await Task.WhenAll(all.Select(database => CountAsync(database, cancellationToken)))).SelectMany(rows => rows).ToList();
        long Of(Func<string, bool> table) => tables.Where(each => table(each.Table)).Sum(each => each.Rows);
        return new Counters(
            Of(_ => true),
            Of(table => table == "event_log"),
            Of(table => table.StartsWith("inbox_", StringComparison.Ordinal) && table != "inbox_days"),
            Of(table => table == "return_steps"),
            (long)await system.ReadAsync<decimal>("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn", cancellationToken));
    }

    public static Counters operator -(Counters after, Counters before) => new(
        after.Rows - before.Rows, after.Messages - before.Messages, after.Deliveries - before.Deliveries, after.Calls - before.Calls,
        after.WrittenBytes - before.WrittenBytes);

    public static Counters operator +(Counters one, Counters other) => new(
        one.Rows + other.Rows, one.Messages + other.Messages, one.Deliveries + other.Deliveries, one.Calls + other.Calls,
        one.WrittenBytes + other.WrittenBytes);

    private static async Task<List<(string Table, long Rows)>> CountAsync(string database, CancellationToken cancellationToken)
    {
        var counting = (await TeamDatabases.ReadAtAsync(database, Tables, row => row.GetString(0), cancellationToken)).Single();
        return await TeamDatabases.ReadAtAsync(database, counting, row => (row.GetString(0), row.GetInt64(1)), cancellationToken);
    }
}
