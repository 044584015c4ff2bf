using EseErp.Launcher;
using Npgsql;

namespace EseErp.SystemTests.Running;

/// <summary>Looks into the teams' databases, past their APIs.</summary>
public sealed class Databases(EseSystem system) : IAsyncDisposable
{
    private readonly Dictionary<string, NpgsqlDataSource> _sources = [];

    /// <summary>One number.</summary>
    /// <param name="p0">Named <c>@p0</c> in the statement.</param>
    public async Task<long> Count(string team, string sql, object? p0 = null) => (await Read(team, sql, row => row.GetInt64(0), p0)).Single();

    /// <summary>Rows of one text column.</summary>
    public Task<List<string>> Texts(string team, string sql, object? p0 = null) => Read(team, sql, row => row.GetString(0), p0);

    /// <summary>A session of the caller's own.</summary>
    public Task<NpgsqlConnection> Open(string team) => Source(team).OpenConnectionAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources.Values) await source.DisposeAsync();
    }

    private async Task<List<T>> Read<T>(string team, string sql, Func<NpgsqlDataReader, T> row, object? p0)
    {
        await using var command = Source(team).CreateCommand(sql);
        if (p0 is not null) command.Parameters.AddWithValue("p0", p0);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync()) rows.Add(row(reader));
        return rows;
    }

    private NpgsqlDataSource Source(string team)
    {
        lock (_sources)
        {
            if (_sources.TryGetValue(team, out var known)) return known;
            var connection = new NpgsqlConnectionStringBuilder(system.Databases.Database(ServiceCatalog.Find(team).Database)) { MaxPoolSize = 4 };
            return _sources[team] = NpgsqlDataSource.Create(connection);
        }
    }
}
