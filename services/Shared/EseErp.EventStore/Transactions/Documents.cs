using Microsoft.EntityFrameworkCore;

namespace EseErp.EventStore;

/// <summary>
/// The rows a scope works on, each read and locked once. A batch loads all it needs with one query per table, in key
/// order, so that batches queue for a shared row instead of deadlocking; after that <see cref="Find{T}"/> costs nothing.
/// </summary>
public sealed class Documents(DbContext db)
{
    private readonly Dictionary<(Type, string), object?> _known = [];

    /// <summary>Reads and locks the rows with these keys that are not known yet. Requires an open transaction.</summary>
    public async Task Load<T>(IEnumerable<string> keys, CancellationToken cancellationToken) where T : class
    {
        var wanted = keys.Distinct().Where(key => !_known.ContainsKey((typeof(T), key))).ToArray();
        if (wanted.Length == 0) return;

        var entityType = db.Model.FindEntityType(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T)} is not mapped.");
        var table = $"\"{entityType.GetTableName()}\"";
        var key = entityType.FindPrimaryKey()!.Properties.Single();
        var column = $"\"{key.GetColumnName()}\"";
        foreach (var id in wanted) _known[(typeof(T), id)] = null;
        // Table and column names come from the EF Core model, never from a caller; the keys are a parameter.
#pragma warning disable EF1002
        var rows = await db.Set<T>()
            .FromSqlRaw($"select * from {table} where {column} = any ({{0}}) order by {column} for update", [wanted])
            .ToListAsync(cancellationToken);
#pragma warning restore EF1002
        foreach (var row in rows) _known[(typeof(T), (string)key.GetGetter().GetClrValue(row)!)] = row;
    }

    /// <summary>The row with this key, locked; null when there is none.</summary>
    public async ValueTask<T?> Find<T>(string key, CancellationToken cancellationToken) where T : class
    {
        if (!_known.ContainsKey((typeof(T), key))) await Load<T>([key], cancellationToken);
        return (T?)_known[(typeof(T), key)];
    }

    /// <summary>Adds a new row.</summary>
    public void Add<T>(string key, T document) where T : class
    {
        db.Add(document);
        _known[(typeof(T), key)] = document;
    }

    internal void Forget() => _known.Clear();
}
