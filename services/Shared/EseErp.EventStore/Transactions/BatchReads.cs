using EseErp.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;

namespace EseErp.EventStore;

/// <summary>What a unit of work is known to need before it begins, read in one round trip: the beginning of its transaction included.</summary>
public sealed class BatchReads(DbContext db)
{
    private readonly List<(string Sql, Action<NpgsqlParameterCollection> AddParameters, Func<NpgsqlDataReader, CancellationToken, Task> Read)> _queries = [];

    /// <summary>Adds a query.</summary>
    /// <param name="sql">With parameters by number, <c>$1</c>.</param>
    /// <param name="parameters">Adds them.</param>
    /// <param name="read">Reads the rows; of those it leaves, nothing is kept.</param>
    public void Add(string sql, Action<NpgsqlParameterCollection> parameters, Func<NpgsqlDataReader, CancellationToken, Task> read) =>
        _queries.Add((sql, parameters, read));

    /// <summary>Runs the queries, in the order they were added, each seeing what was committed before it began.</summary>
    public async Task Execute(CancellationToken cancellationToken)
    {
        if (_queries.Count == 0) return;
        var faults = db.GetService<Faults>();
        await using var batch = ((NpgsqlConnection)db.Database.GetDbConnection()).CreateBatch();
        foreach (var (sql, addParameters, _) in _queries)
        {
            await faults.BeforeCommand(cancellationToken);
            var command = new NpgsqlBatchCommand(sql);
            addParameters(command.Parameters);
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        foreach (var (_, _, read) in _queries)
        {
            await read(reader, cancellationToken);
            await reader.NextResultAsync(cancellationToken);
        }

        _queries.Clear();
    }

    internal void Clear() => _queries.Clear();
}
