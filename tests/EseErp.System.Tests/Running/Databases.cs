using EseErp.Launcher;
using Npgsql;

namespace EseErp.SystemTests.Running;

/// <summary>Looks into the teams' databases, past their APIs.</summary>
public sealed class Databases(EseSystem system) : IAsyncDisposable
{
    private readonly Dictionary<string, NpgsqlDataSource> _sources = [];

    /// <summary>One number.</summary>
    /// <param name="parameters">Named <c>@p0</c>, <c>@p1</c> and so on.</param>
    public async Task<long> Count(string team, string sql, params object[] parameters) =>
        (await Read(team, sql, row => row.GetInt64(0), parameters)).Single();

    /// <summary>Rows of one text column.</summary>
    public Task<List<string>> Texts(string team, string sql, params object[] parameters) => Read(team, sql, row => row.GetString(0), parameters);

    public async Task<List<T>> Read<T>(string team, string sql, Func<NpgsqlDataReader, T> row, params object[] parameters)
    {
        await using var command = Source(team).CreateCommand(sql);
        for (var number = 0; number < parameters.Length; number++) command.Parameters.AddWithValue($"p{number}", parameters[number]);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync()) rows.Add(row(reader));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources.Values) await source.DisposeAsync();
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
