using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.Benchmarks;

/// <summary>A return in the twin.</summary>
/// <param name="Values">What fills the holes, in their order.</param>
internal sealed record TwinReturn(int Number, string[] Values)
{
    public string ReturnId => Values[0];

    /// <summary>What was published of it, by topic: the offset behind its last record.</summary>
    public Dictionary<string, long> Published { get; } = [];
}

/// <summary>The statements of the twin, as one writes them by hand, and their one round trip to the database.</summary>
internal sealed class TwinWrites : IAsyncDisposable
{
    private const int Partitions = 12;
    private const int MostAttempts = 5;

    // Which groups read a team's topic, as in the services' modules.
    private static readonly Dictionary<string, string[]> Readers = new()
    {
        ["user-support"] = ["accounting", "inventory", "manufacturing", "sales", "tracking"],
        ["sales"] = ["accounting", "inventory", "manufacturing", "tracking"],
        ["inventory"] = ["accounting", "manufacturing", "sales", "tracking"],
        ["manufacturing"] = ["accounting", "inventory", "sales", "tracking"],
        ["accounting"] = ["tracking"],
    };

    private readonly TwinPlan _plan;
    private readonly Dictionary<string, NpgsqlDataSource> _databases;
    private readonly Dictionary<(string Database, string Table), (TwinTable Table, string Insert, TwinText?[][] Rows)> _tables;
    private readonly Dictionary<(string Team, int Version), (int Hole, TwinText Record)> _events;
    private readonly int _day = (int)(DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 86400);
    private long _entries;

    public TwinWrites(TwinPlan plan)
    {
        _plan = plan;
        _databases = plan.Connections.ToDictionary(entry => entry.Key, entry => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(entry.Value)
        {
            Pooling = true,
            MaxPoolSize = entry.Key == "ese_broker" ? 32 : 16,
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            ApplicationName = "twin",
        }.ConnectionString));
        _tables = plan.Tables.ToDictionary(table => (table.Database, table.Name), table => (
            table,
            $"insert into twin.{table.Name} ({string.Join(", ", table.Columns.Select(column => $"\"{column}\""))}) overriding system value values ({string.Join(", ", table.Columns.Select((_, place) => $"${place + 1}"))})",
            table.Rows.Select(row => row.Select(value => value is null ? null : new TwinText(value, plan.Holes)).ToArray()).ToArray()));
        _events = plan.Events.ToDictionary(e => (e.Team, e.Version), e => (plan.Holes.ToList().IndexOf(e.EventId), new TwinText(e.Record, plan.Holes)));
    }

    /// <summary>All statements in one transaction and one round trip: what is sent together without a transaction of its own is one.</summary>
    public async Task Commit(string database, params NpgsqlBatchCommand[] statements)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var batch = _databases[database].CreateBatch();
                foreach (var statement in statements) batch.BatchCommands.Add(statement);
                await batch.ExecuteNonQueryAsync();
                return;
            }
            catch (PostgresException failure) when (failure.SqlState == PostgresErrorCodes.DeadlockDetected && attempt < MostAttempts)
            {
                statements = [.. statements.Select(Again)];
            }
        }
    }

    /// <summary>Fails the transaction when the event was applied before.</summary>
    public NpgsqlBatchCommand Inbox(TwinReturn r, string group, string team, int version) => Statement(
        "insert into twin.inbox (consumer_group, event_id, event_day) values ($1, $2, $3)", Text(group), Text(r.Values[_events[(team, version)].Hole]), Number(_day));

    public NpgsqlBatchCommand Event(TwinReturn r, string team, int version) => Insert(r, TwinPlan.Publishers[team], "event_log", version - 1);

    /// <param name="but">Columns that have another value at first.</param>
    public NpgsqlBatchCommand Insert(TwinReturn r, string database, string table, int row = 0, params (string Column, string? Value)[] but)
    {
        var (pattern, sql, rows) = _tables[(database, table)];
        var statement = new NpgsqlBatchCommand(sql);
        for (var column = 0; column < pattern.Columns.Count; column++)
        {
            var name = pattern.Columns[column];
            var changed = Array.FindIndex(but, other => other.Column == name);
            statement.Parameters.Add(Text(changed >= 0 ? but[changed].Value : Value(r, pattern, rows[row], column)));
        }

        return statement;
    }

    /// <summary>The columns get the values they have in the end.</summary>
    public NpgsqlBatchCommand Update(TwinReturn r, string database, string table, params string[] columns) => Update(r, database, table, "", columns);

    /// <summary>The same for one of several rows that a return has in a table.</summary>
    /// <param name="key">The column that tells them apart.</param>
    public NpgsqlBatchCommand UpdateRow(TwinReturn r, string database, string table, int row, string key, params string[] columns)
    {
        var (pattern, _, rows) = _tables[(database, table)];
        var sql = $"update twin.{table} set {string.Join(", ", columns.Select((column, place) => $"\"{column}\" = ${place + 1}"))} where return_id = ${columns.Length + 1} and \"{key}\" = ${columns.Length + 2}";
        return Statement(sql, [.. columns.Select(column => Text(Value(r, pattern, rows[row], pattern.Place(column)))), Text(r.ReturnId), Text(pattern.Rows[row][pattern.Place(key)])]);
    }

    /// <summary>The idempotency key of a call, with its answer.</summary>
    public NpgsqlBatchCommand Key(TwinReturn r, string database, string step)
    {
        var (pattern, _, _) = _tables[(database, "idempotency_keys")];
        return Insert(r, database, "idempotency_keys", pattern.Rows.ToList().FindIndex(row => row[pattern.Place("key")]!.Contains($".{step}.", StringComparison.Ordinal)));
    }

    /// <summary>A journal entry and its lines.</summary>
    public IEnumerable<NpgsqlBatchCommand> Entry(TwinReturn r, int row)
    {
        const string Database = "ese_accounting";
        var (entries, _, entryRows) = _tables[(Database, "journal_entries")];
        var (lines, _, lineRows) = _tables[(Database, "journal_lines")];
        var (pattern, number) = (entries.Rows[row][entries.Place("entry_id")], Interlocked.Increment(ref _entries).ToString(CultureInfo.InvariantCulture));
        yield return Insert(r, Database, "journal_entries", row, ("entry_id", number));
        for (var line = 0; line < lineRows.Length; line++)
            if (lines.Rows[line][lines.Place("entry_id")] == pattern) yield return Insert(r, Database, "journal_lines", line, ("entry_id", number));
    }

    /// <summary>Tracking's part of facts that were recorded together: inbox, timeline and the return's row.</summary>
    /// <param name="facets">The columns that change; null for the first fact, which inserts the row.</param>
    public Task Track(TwinReturn r, string team, int[] versions, params string[]? facets)
    {
        const string Database = "ese_tracking";
        var (timeline, _, _) = _tables[(Database, "timeline")];
        var statements = new List<NpgsqlBatchCommand>();
        foreach (var version in versions)
        {
            statements.Add(Inbox(r, "tracking", team, version));
            var id = _plan.Holes[_events[(team, version)].Hole];
            statements.Add(Insert(r, Database, "timeline", timeline.Rows.ToList().FindIndex(row => row[timeline.Place("event_id")] == id)));
        }

        // Six facts hold the answers of all four teams.
        statements.Add(facets is null
            ? Insert(r, Database, "returns", 0, ("version", "1"), ("status", "Requested"), ("settled_at", null), ("completed_at", null), ("closed_at", null))
            : Update(r, Database, "returns", $"version = version + {versions.Length}, settled_at = case when version + {versions.Length} >= 6 then coalesce(settled_at, now()) end, ", facets));
        return Commit(Database, [.. statements]);
    }

    /// <summary>
    /// Appends to a topic, notes what is published, and how far the groups have come that applied what was published of this return
    /// before.
    /// </summary>
    public async Task Publish(TwinReturn r, string team, int[] versions, IReadOnlyDictionary<string, long> applied)
    {
        var (topic, partition) = (_plan.Topics[team], r.Number % Partitions);
        await using var batch = _databases["ese_broker"].CreateBatch();
        batch.BatchCommands.Add(Statement(
            """
            with moved as (
                update twin.heads set next_offset = next_offset + $6 where topic_id = $2 and partition = $3 returning next_offset - $6 as first
            )
            insert into twin.records (segment, topic_id, partition, "offset", key, value, time)
            select $1, $2, $3, moved.first + e.place - 1, $4, e.value, now() from moved cross join unnest($5) with ordinality as e(value, place)
            returning "offset"
            """,
            Number(_day), Number(topic), Number(partition), new NpgsqlParameter<string> { TypedValue = r.ReturnId },
            new NpgsqlParameter<byte[][]> { TypedValue = [.. versions.Select(version => Encoding.UTF8.GetBytes(_events[(team, version)].Record.Fill(r.Values)))] },
            Number(versions.Length)));
        batch.BatchCommands.Add(Statement(
            """
            insert into twin.published (topic_id, stream_id, stream_version) values ($1, $2, $3)
            on conflict (topic_id, stream_id) do update set stream_version = excluded.stream_version
            """, Number(topic), Text(r.ReturnId), Number(versions[^1])));
        if (applied.Count > 0) batch.BatchCommands.Add(Offsets(partition, applied));
        await using var reader = await batch.ExecuteReaderAsync();
        var next = 0L;
        while (await reader.ReadAsync()) next = reader.GetInt64(0) + 1;
        while (await reader.NextResultAsync())
        {
            // What follows answers nothing, and may fail.
        }

        lock (r.Published) r.Published[team] = next;
    }

    /// <summary>The last facts are applied too.</summary>
    public Task Finish(TwinReturn r) => Commit("ese_broker", Offsets(r.Number % Partitions, r.Published));

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _databases.Values) await database.DisposeAsync();
    }

    public static NpgsqlBatchCommand Statement(string sql, params NpgsqlParameter[] parameters)
    {
        var statement = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters) statement.Parameters.Add(parameter);
        return statement;
    }

    /// <summary>A value in PostgreSQL's text form, of the type of the column it meets.</summary>
    public static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown };

    private static NpgsqlParameter<int> Number(int value) => new() { TypedValue = value };

    private static NpgsqlBatchCommand Again(NpgsqlBatchCommand statement) => Statement(statement.CommandText, [.. statement.Parameters.Select(parameter => parameter.Clone())]);

    // In the order of the key, in every transaction: nobody waits in a circle.
    private NpgsqlBatchCommand Offsets(int partition, IReadOnlyDictionary<string, long> applied)
    {
        var places = applied.SelectMany(place => Readers[place.Key].Select(group => (Group: group, Topic: _plan.Topics[place.Key], Next: place.Value)))
            .OrderBy(place => place.Group, StringComparer.Ordinal).ThenBy(place => place.Topic).ToList();
        return Statement(
            """
            insert into twin.group_offsets (consumer_group, topic_id, partition, next_offset, last_seen)
            select g.name, g.topic, $4, g.next, now() from unnest($1, $2, $3) as g(name, topic, next)
            on conflict (consumer_group, topic_id, partition) do update
            set next_offset = greatest(twin.group_offsets.next_offset, excluded.next_offset), last_seen = excluded.last_seen
            """,
            new NpgsqlParameter<string[]> { TypedValue = [.. places.Select(place => place.Group)] },
            new NpgsqlParameter<int[]> { TypedValue = [.. places.Select(place => place.Topic)] },
            new NpgsqlParameter<long[]> { TypedValue = [.. places.Select(place => place.Next)] },
            Number(partition));
    }

    private NpgsqlBatchCommand Update(TwinReturn r, string database, string table, string more, string[] columns)
    {
        var (pattern, _, rows) = _tables[(database, table)];
        var sql = $"update twin.{table} set {more}{string.Join(", ", columns.Select((column, place) => $"\"{column}\" = ${place + 1}"))} where return_id = ${columns.Length + 1}";
        return Statement(sql, [.. columns.Select(column => Text(Value(r, pattern, rows[0], pattern.Place(column)))), Text(r.ReturnId)]);
    }

    private static string? Value(TwinReturn r, TwinTable table, TwinText?[] row, int column) => row[column] is not { } text ? null
        : table.IsTime[column] ? DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture)
        : text.Fill(r.Values);
}
