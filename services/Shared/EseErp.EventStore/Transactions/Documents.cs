using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace EseErp.EventStore;

/// <summary>
/// The rows a scope works on, each read and locked once. A batch loads all it needs with one query per table, in key
/// order, so that batches queue for a shared row instead of deadlocking; after that <see cref="Find{T}"/> costs nothing.
/// </summary>
public sealed class Documents(DbContext db)
{
    private static readonly ConcurrentDictionary<(Type, string), string> Statements = new();

    private readonly Dictionary<(Type, string), object?> _known = [];

    /// <summary>Has a batch's first round trip read and lock the rows with these keys.</summary>
    public void Want<T>(IEnumerable<string> keys, BatchReads reads) where T : class
    {
        var wanted = Unknown<T>(keys);
        if (wanted.Length > 0) Want<T>(Sql<T>(ByKey<T>()), [wanted], reads);
    }

    /// <summary>Has a batch's first round trip read and lock the rows that meet a condition, in key order.</summary>
    /// <param name="condition">SQL, in which <c>{0}</c> and so on stand for the arguments. Never made of what a caller gave.</param>
    public void WantWhere<T>(string condition, string[][] arguments, BatchReads reads) where T : class => Want<T>(Sql<T>(condition), arguments, reads);

    /// <summary>Has a batch's first round trip read the parts of a row that it locks before: they are not locked themselves.</summary>
    /// <param name="condition">As for <see cref="WantWhere{T}"/>.</param>
    /// <param name="parts">Gets them, in key order.</param>
    public void WantParts<T>(string condition, string[][] arguments, List<T> parts, BatchReads reads) where T : class =>
        Want<T>($"select * from \"{TypeOf<T>().GetTableName()}\" where {condition} order by {KeyColumns<T>()}", arguments, parts.AddRange, reads);

    /// <summary>Reads and locks the rows with these keys that are not known yet. Requires an open transaction.</summary>
    public async Task Load<T>(IEnumerable<string> keys, CancellationToken cancellationToken) where T : class
    {
        var wanted = Unknown<T>(keys);
        if (wanted.Length > 0) Know(await Rows<T>(Sql<T>(ByKey<T>()), [wanted]).ToListAsync(cancellationToken));
    }

    /// <summary>The row with this key, locked; null when there is none.</summary>
    public async ValueTask<T?> Find<T>(string key, CancellationToken cancellationToken) where T : class
    {
        if (!_known.ContainsKey((typeof(T), key))) await Load<T>([key], cancellationToken);
        return (T?)_known[(typeof(T), key)];
    }

    /// <summary>Whether the row with this key was read, and is there.</summary>
    public bool Knows<T>(string key) where T : class => _known.GetValueOrDefault((typeof(T), key)) is not null;

    /// <summary>Adds a new row.</summary>
    public void Add<T>(string key, T document) where T : class
    {
        db.Add(document);
        _known[(typeof(T), key)] = document;
    }

    internal void Forget() => _known.Clear();

    private string[] Unknown<T>(IEnumerable<string> keys)
    {
        var wanted = keys.Distinct().Where(key => !_known.ContainsKey((typeof(T), key))).ToArray();
        foreach (var id in wanted) _known[(typeof(T), id)] = null;
        return wanted;
    }

    private void Want<T>(string sql, string[][] arguments, BatchReads reads) where T : class => Want<T>(sql, arguments, Know, reads);

    private void Want<T>(string sql, string[][] arguments, Action<List<T>> take, BatchReads reads) where T : class
    {
        reads.Add(
            Statements.GetOrAdd((typeof(T), sql), _ => Numbered(Rows<T>(sql, arguments).CreateDbCommand())),
            parameters =>
            {
                foreach (var argument in arguments) parameters.Add(new NpgsqlParameter<string[]> { TypedValue = argument });
            },
            async (reader, cancellationToken) =>
            {
                // EF Core reads the rows that are here already, instead of running the query.
                using (AnsweredQueries.By(reader)) take(await Rows<T>(sql, arguments).ToListAsync(cancellationToken));
            });
    }

    // What EF Core would send: it names the columns where a row has documents in it, and then reads them by their places.
    private static string Numbered(DbCommand command)
    {
        var sql = command.CommandText;
        for (var index = command.Parameters.Count - 1; index >= 0; index--)
            sql = sql.Replace($"@{command.Parameters[index].ParameterName.TrimStart('@')}", $"${index + 1}", StringComparison.Ordinal);
        return sql;
    }

    private string ByKey<T>() where T : class => $"{KeyColumn<T>()} = any ({{0}})";

    private string Sql<T>(string condition) where T : class =>
        $"select * from \"{TypeOf<T>().GetTableName()}\" where {condition} order by {KeyColumn<T>()} for update";

    private string KeyColumn<T>() where T : class => $"\"{TypeOf<T>().FindPrimaryKey()!.Properties.Single().GetColumnName()}\"";

    private string KeyColumns<T>() where T : class => string.Join(", ", TypeOf<T>().FindPrimaryKey()!.Properties.Select(key => $"\"{key.GetColumnName()}\""));

    private IEntityType TypeOf<T>() where T : class => db.Model.FindEntityType(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T)} is not mapped.");

    // Table and column names come from the EF Core model, never from a caller; the keys are a parameter.
#pragma warning disable EF1002
    private IQueryable<T> Rows<T>(string sql, string[][] arguments) where T : class => db.Set<T>().FromSqlRaw(sql, [.. arguments]);
#pragma warning restore EF1002

    private void Know<T>(List<T> rows) where T : class
    {
        var key = TypeOf<T>().FindPrimaryKey()!.Properties.Single().GetGetter();
        foreach (var row in rows) _known[(typeof(T), (string)key.GetClrValue(row)!)] = row;
    }
}
