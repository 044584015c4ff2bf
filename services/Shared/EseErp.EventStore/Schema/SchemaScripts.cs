using System.Reflection;
using Npgsql;

namespace EseErp.EventStore;

/// <summary>
/// Applies numbered SQL scripts embedded in a library, each once per database, in order. For the tables a library owns;
/// a service's own tables come from its EF Core migrations.
/// </summary>
public static class SchemaScripts
{
    /// <summary>Applies what is missing. The caller holds the start-up lock, so one replica at a time runs this.</summary>
    public static async Task Apply(NpgsqlConnection connection, Assembly library, CancellationToken cancellationToken)
    {
        await Execute(connection, "create table if not exists public.ese_schema_scripts (name text primary key, applied_at timestamptz not null default now())", cancellationToken);
        var applied = new HashSet<string>();
        await using (var command = new NpgsqlCommand("select name from public.ese_schema_scripts", connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken)) applied.Add(reader.GetString(0));
        }

        foreach (var resource in library.GetManifestResourceNames().Where(name => name.StartsWith("Schema/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(resource);
            if (applied.Contains(name)) continue;
            using var text = new StreamReader(library.GetManifestResourceStream(resource)!);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await Execute(connection, await text.ReadToEndAsync(cancellationToken), cancellationToken);
            await using var insert = new NpgsqlCommand("insert into public.ese_schema_scripts (name) values (@name)", connection);
            insert.Parameters.AddWithValue("name", name);
            await insert.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
