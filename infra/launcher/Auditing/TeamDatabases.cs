using EseErp.Launcher.Postgres;
using Npgsql;

namespace EseErp.Launcher.Auditing;

/// <summary>Looks into the teams' databases, past their APIs, and can change nothing there.</summary>
internal sealed class TeamDatabases(ProvisionedDatabases databases)
{
    /// <summary>All rows of a query.</summary>
    /// <param name="p0">Named <c>@p0</c> in the query.</param>
    public async Task<List<T>> ReadAsync<T>(string team, string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken, object? p0 = null)
    {
        var connection = new NpgsqlConnectionStringBuilder(databases.Database(ServiceCatalog.Find(team).Database))
        {
            Pooling = false,
            Options = "-c default_transaction_read_only=on",
            ApplicationName = "audit",
        };
        await using var session = new NpgsqlConnection(connection.ConnectionString);
        await session.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, session) { CommandTimeout = 600 };
        if (p0 is not null)
            command.Parameters.AddWithValue("p0", p0);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(row(reader));
        return rows;
    }

    /// <summary>One number.</summary>
    public async Task<long> CountAsync(string team, string sql, CancellationToken cancellationToken, object? p0 = null) =>
        (await ReadAsync(team, sql, row => row.GetInt64(0), cancellationToken, p0)).Single();

    /// <summary>The nullable text of a column.</summary>
    public static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
