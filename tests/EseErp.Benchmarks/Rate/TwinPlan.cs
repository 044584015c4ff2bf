using System.Globalization;
using System.Text.RegularExpressions;
using EseErp.Launcher;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>A table of the twin, and the rows that a whole return left in the system's own.</summary>
/// <param name="IsTime">Whether a column holds a time, which is written anew.</param>
internal sealed record TwinTable(string Database, string Name, IReadOnlyList<string> Columns, IReadOnlyList<bool> IsTime, IReadOnlyList<string?[]> Rows)
{
    public int Place(string column)
    {
        var place = 0;
        while (Columns[place] != column) place++;
        return place;
    }
}

/// <summary>An event of that return as the broker has it.</summary>
internal sealed record TwinEvent(string Team, int Version, string EventId, string Record);

/// <summary>A call that User Support made for that return.</summary>
/// <param name="Versions">The facts that the team recorded in it, by their number in the return's stream there.</param>
/// <param name="Entries">The journal entries that Accounting made in it, by their place among those of the return.</param>
internal sealed record TwinCall(string Step, string Team, IReadOnlyList<int> Versions, IReadOnlyList<int> Entries, string Answer);

/// <summary>What the twin's process is told.</summary>
/// <param name="Connections">Connection strings by database.</param>
/// <param name="Calls">Of a return in traditional mode, in order; of one in event mode none.</param>
/// <param name="Holes">What is another thing for every return: its id, serial number, SKU, order and correlation id, then the events' ids.</param>
internal sealed record TwinPlan(
    IReadOnlyDictionary<string, string> Connections, IReadOnlyList<TwinTable> Tables, IReadOnlyList<TwinEvent> Events,
    IReadOnlyDictionary<string, int> Topics, IReadOnlyList<string> Holes, TimeSpan Pace, IReadOnlyList<TwinCall> Calls)
{
    public const string Schema = "twin";

    /// <summary>Databases by team; the team that takes returns is the first.</summary>
    public static IReadOnlyDictionary<string, string> Publishers { get; } =
        ServiceCatalog.Publishing.ToDictionary(team => team, team => $"ese_{team.Replace('-', '_')}");

    private static readonly (string Database, string Table, string Key, string Order)[] Patterns =
    [
        ("ese_user_support", "public.returns", "return_id", "1"),
        ("ese_sales", "public.order_refund_requests", "return_id", "1"),
        ("ese_inventory", "public.shipment_requests", "return_id", "1"),
        ("ese_manufacturing", "public.disassembly_orders", "return_id", "1"),
        ("ese_accounting", "public.asset_disposals", "return_id", "1"),
        ("ese_accounting", "public.journal_entries", "return_id", "entry_id"),
        ("ese_accounting", "public.journal_lines", "(select return_id from public.journal_entries e where e.entry_id = t.entry_id)", "entry_id, line_number"),
        ("ese_tracking", "public.returns", "return_id", "1"),
        ("ese_tracking", "public.timeline", "return_id", "position"),
        .. Publishers.Values.Select(database => (database, "ese.event_log", "stream_id", "stream_version")),
    ];

    // What calls leave besides.
    private static readonly (string Database, string Table, string Key, string Order)[] PatternsOfCalls =
    [
        ("ese_user_support", "public.traditional_returns", "return_id", "1"),
        ("ese_user_support", "public.return_steps", "return_id", "number"),
        .. Publishers.Values.Skip(1).Select(database => (database, "ese.idempotency_keys", "split_part(t.key, '.', 1)", "key")),
    ];

    private static readonly (string Database, string Table)[] Empty =
    [
        .. Publishers.Values.Skip(1).Append("ese_tracking").Select(database => (database, "ese.inbox")),
        ("ese_broker", "public.records"), ("ese_broker", "public.group_offsets"),
    ];

    private static readonly (string Database, string Table)[] Copied = [("ese_inventory", "public.stock_items"), ("ese_broker", "public.heads")];

    /// <summary>Makes the twin's tables, with the same columns and indexes, and takes the last whole return of a mode as the pattern.</summary>
    public static async Task<TwinPlan> Make(SystemUnderTest system, TimeSpan pace, bool byCalls, CancellationToken cancellationToken)
    {
        var patterns = byCalls ? [.. Patterns, .. PatternsOfCalls] : Patterns;
        foreach (var database in system.Databases) await system.Execute(database, $"drop schema if exists {Schema} cascade; create schema {Schema}");
        foreach (var (database, table) in patterns.Select(table => (table.Database, table.Table)).Concat(Empty).Concat(Copied))
            await system.Execute(database, $"create table {Schema}.{Short(table)} (like {table} including all)");
        foreach (var (database, table) in Copied) await system.Execute(database, $"insert into {Schema}.{Short(table)} select * from {table}");
        await system.Execute("ese_broker", $"create table {Schema}.published (topic_id int, stream_id text, stream_version int, primary key (topic_id, stream_id))");

        var returnId = await system.Ask<string>(
            "ese_tracking",
            $"select max(return_id) from returns where closed_at is not null and replacement->>'state' = 'Shipped' and {(byCalls ? "mode = 'Traditional' and refund->>'state' = 'Issued'" : "version = 12")}");
        var tables = new List<TwinTable>();
        foreach (var (database, table, key, order) in patterns) tables.Add(await Read(system, database, table, key, order, returnId, cancellationToken));
        var events = new List<TwinEvent>();
        var topicOf = new Dictionary<string, int>();
        foreach (var (team, database) in Publishers)
        {
            var log = tables.Single(table => table.Database == database && table.Name == "event_log");
            foreach (var row in log.Rows)
            {
                var (version, id) = (row[log.Place("stream_version")]!, row[log.Place("event_id")]!);
                var record = await Ask(
                    system, "ese_broker", $"select topic_id::text, convert_from(value, 'UTF8') from records where key = '{returnId}' and convert_from(value, 'UTF8') like '%\"id\":\"{id}\"%'", cancellationToken);
                topicOf[team] = int.Parse(record[0][0]!, CultureInfo.InvariantCulture);
                events.Add(new TwinEvent(team, int.Parse(version, CultureInfo.InvariantCulture), id, record[0][1]!));
            }
        }

        var filed = tables[0];
        string Filed(string column) => filed.Rows[0][filed.Place(column)]!;
        return new TwinPlan(
            system.Databases.ToDictionary(database => database, system.ConnectionString), tables, events, topicOf,
            [returnId, Filed("serial_number"), Filed("sku"), Filed("order_id"), Filed("correlation_id"), .. events.Select(e => e.EventId)], pace, byCalls ? CallsOf(tables) : []);
    }

    // What a team recorded between the beginning and the end of a call is that call's.
    private static List<TwinCall> CallsOf(List<TwinTable> tables)
    {
        var steps = tables.Single(table => table.Name == "return_steps");
        return steps.Rows.Select(row =>
        {
            string Of(string column) => row[steps.Place(column)]!;
            var (step, from, to) = (Of("name"), Moment(Of("started_at")), Moment(Of("ended_at")));
            var team = step.Split('.')[0];
            return new TwinCall(
                step, team, [.. During(tables.Single(table => table.Database == Publishers[team] && table.Name == "event_log"), "time").Select(place => place + 1)],
                team == "accounting" ? [.. During(tables.Single(table => table.Name == "journal_entries"), "posted_at")] : [], Of("answer"));

            IEnumerable<int> During(TwinTable table, string column) => table.Rows.Select((each, place) => (At: Moment(each[table.Place(column)]!), place))
                .Where(each => each.At >= from && each.At <= to).Select(each => each.place);
        }).ToList();
    }

    private static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static string Short(string table) => table[(table.IndexOf('.', StringComparison.Ordinal) + 1)..];

    private static async Task<TwinTable> Read(
        SystemUnderTest system, string database, string table, string key, string order, string returnId, CancellationToken cancellationToken)
    {
        // Places in the log and ids of transactions are the database's to give; a journal entry's number is given by the twin.
        var columns = await Ask(
            system, database,
            $"""
            select a.attname, (a.atttypid = 'timestamptz'::regtype)::text
            from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
            where a.attrelid = '{table}'::regclass and a.attnum > 0 and not a.attisdropped
              and (a.attidentity = '' or a.attname = 'entry_id') and coalesce(pg_get_expr(d.adbin, d.adrelid), '') not like '%pg_current_xact_id%'
            order by a.attnum
            """, cancellationToken);
        var names = columns.Select(column => column[0]!).ToList();
        var rows = await Ask(
            system, database, $"select {string.Join(", ", names.Select(name => $"t.\"{name}\"::text"))} from {table} t where {key} = '{returnId}' order by {order}", cancellationToken);
        return new TwinTable(database, Short(table), names, [.. columns.Select(column => column[1] == "true")], rows);
    }

    private static async Task<List<string?[]>> Ask(SystemUnderTest system, string database, string sql, CancellationToken cancellationToken)
    {
        await using var connection = await system.Connect(database, cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<string?[]>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? null : reader.GetString(column))]);
        return rows;
    }
}

/// <summary>A text with holes, which each return fills with its own.</summary>
internal sealed class TwinText
{
    private readonly List<(string? Text, int Hole)> _pieces = [];

    public TwinText(string text, IReadOnlyList<string> holes)
    {
        var place = 0;
        var any = new Regex(string.Join('|', holes.OrderByDescending(hole => hole.Length).Select(Regex.Escape)));
        foreach (Match match in any.Matches(text))
        {
            if (match.Index > place) _pieces.Add((text[place..match.Index], -1));
            _pieces.Add((null, holes.ToList().IndexOf(match.Value)));
            place = match.Index + match.Length;
        }

        if (place < text.Length || _pieces.Count == 0) _pieces.Add((text[place..], -1));
    }

    public string Fill(string[] values) =>
        _pieces.Count == 1 ? _pieces[0].Text ?? values[_pieces[0].Hole] : string.Concat(_pieces.Select(piece => piece.Text ?? values[piece.Hole]));
}
