using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>What PostgreSQL has done so far, without what the observer asked it.</summary>
/// <param name="Commits">Per database; what only read is counted too, as PostgreSQL does.</param>
/// <param name="Writes">Transactions that wrote, of the whole cluster.</param>
/// <param name="Statements">Null where they are not counted. <c>begin</c> and <c>commit</c> count as statements.</param>
internal sealed record Work(IReadOnlyDictionary<string, long> Commits, long Writes, long? Statements);

/// <summary>
/// One session that looks into Tracking's database. It knows what its own looks cost, so that they can be taken off what
/// they are there to measure.
/// </summary>
internal sealed class Observer : IAsyncDisposable
{
    private const string Database = "ese_tracking";

    private readonly SystemUnderTest _system;
    private readonly NpgsqlConnection _connection;
    private readonly int _pid;
    private readonly Dictionary<string, NpgsqlCommand> _commands = [];
    private long _asked;

    private Observer(SystemUnderTest system, NpgsqlConnection connection) => (_system, _connection, _pid) = (system, connection, connection.ProcessID);

    public static async Task<Observer> Open(SystemUnderTest system, CancellationToken cancellationToken) =>
        new(system, await system.Connect(Database, cancellationToken));

    /// <summary>Processor time of the observer's own session.</summary>
    public TimeSpan Cpu => ProcessFigures.Cpu(_pid);

    public async Task<Work> Work(CancellationToken cancellationToken)
    {
        var commits = new Dictionary<string, long>();
        foreach (var row in await Ask(
            "select datname, xact_commit from pg_stat_database where datname = any ($1)", _system.Databases.ToArray(),
            reader => (reader.GetString(0), reader.GetInt64(1)), cancellationToken))
            commits[row.Item1] = row.Item2;
        commits[Database] -= _asked;
        var writes = (await Ask(
            "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint where $1::text[] is not null", [], reader => reader.GetInt64(0), cancellationToken))[0];
        if (!_system.CountsStatements) return new Work(commits, writes, null);
        var statements = await Ask(
            "select sum(calls)::bigint from bench.pg_stat_statements(false) where $1::text[] is not null", [], reader => reader.GetInt64(0), cancellationToken);
        return new Work(commits, writes, statements[0] - _asked);
    }

    /// <summary>Those of these returns that are settled.</summary>
    public Task<List<string>> Settled(string table, string[] returnIds, CancellationToken cancellationToken) => Ask(
        $"select return_id from {table} where return_id = any ($1) and settled_at is not null", returnIds, reader => reader.GetString(0), cancellationToken);

    /// <summary>The last return so far.</summary>
    public async Task<string> Last(string table, CancellationToken cancellationToken) =>
        (await Ask($"select coalesce(max(return_id), '') from {table} where $1::text[] is not null", [], reader => reader.GetString(0), cancellationToken))[0];

    /// <summary>How many returns after that one have not ended for every team.</summary>
    public async Task<long> Open(string table, string after, CancellationToken cancellationToken) =>
        (await Ask($"select count(*) from {table} where return_id > ($1::text[])[1] and closed_at is null", [after], reader => reader.GetInt64(0), cancellationToken))[0];

    /// <summary>How many returns after that one have ended for every team.</summary>
    public async Task<long> Ended(string table, string after, CancellationToken cancellationToken) =>
        (await Ask($"select count(closed_at) from {table} where return_id > ($1::text[])[1]", [after], reader => reader.GetInt64(0), cancellationToken))[0];

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands.Values) await command.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task<List<T>> Ask<T>(string sql, string[] given, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _commands[sql] = new NpgsqlCommand(sql, _connection) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = given } } };
            await command.PrepareAsync(cancellationToken);
        }

        ((NpgsqlParameter<string[]>)command.Parameters[0]).TypedValue = given;
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) rows.Add(read(reader));
        _asked++;
        return rows;
    }
}
