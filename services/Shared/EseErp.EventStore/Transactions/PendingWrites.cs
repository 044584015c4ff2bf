using System.Runtime.CompilerServices;
using EseErp.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;

namespace EseErp.EventStore;

/// <summary>
/// What a unit of work writes at its end, sent in one round trip together with the commit. Until then nothing of it is in the database,
/// so that locks on what others append to are held shortly.
/// </summary>
public sealed class PendingWrites
{
    /// <summary>The SQLSTATE of a statement that met another number of rows than it had to.</summary>
    public const string OtherRowsMet = "ESE02";

    private static readonly ConditionalWeakTable<DbContext, PendingWrites> All = [];

    private readonly List<(string Sql, Action<NpgsqlParameterCollection> AddParameters)> _statements = [];
    private readonly List<Action> _last = [];

    /// <summary>Whether <c>SaveChanges</c> hands its sets over instead of executing them.</summary>
    internal bool Collects { get; set; }

    /// <summary>Those of a context.</summary>
    public static PendingWrites Of(DbContext db) => All.GetOrCreateValue(db);

    /// <summary>Adds a statement, with parameters by number (<c>$1</c>), behind those that were added before.</summary>
    public void Add(string sql, Action<NpgsqlParameterCollection> parameters) => _statements.Add((sql, parameters));

    /// <summary>Has this add what it has gathered, when all else is known.</summary>
    public void AtTheEnd(Action add) => _last.Add(add);

    /// <summary>
    /// Adds a statement that has to meet a number of rows. If it meets another, that is an error in the database (ESE02), which rolls the whole unit back.
    /// </summary>
    internal void AddExpecting(int rows, string sql, Action<NpgsqlParameterCollection> parameters) =>
        Add($"with done as ({sql} returning 1) select ese.require_rows({Met("select count(*) from done", rows)}, {rows})", parameters);

    /// <summary>
    /// Adds a query that has to find a number of rows. If it finds another, the unit of work has lost a race and runs again from its start.
    /// </summary>
    public void Require(int rows, string sql, Action<NpgsqlParameterCollection> parameters) =>
        Add($"select ese.require_rows({Met($"select count(*) from ({sql}) found", rows)}, {rows})", parameters);

    // What a rehearsal has written before is not there.
    private static string Met(string count, int rows) => Rehearsal.IsOn ? $"greatest(({count}), {rows})" : $"({count})";

    internal void Clear()
    {
        _statements.Clear();
        _last.Clear();
        Collects = false;
    }

    /// <summary>Sends what was collected, in its order; at the end of a unit of work with the commit behind it, in a rehearsal with a rollback.</summary>
    /// <returns>Whether there was anything.</returns>
    internal async Task<bool> Send(DbContext db, bool atTheEnd, CancellationToken cancellationToken)
    {
        if (atTheEnd)
        {
            foreach (var add in _last) add();
            _last.Clear();
        }

        var any = _statements.Count > 0;
        if (!any && !atTheEnd) return false;
        var faults = db.GetService<Faults>();
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await using var batch = connection.CreateBatch();
        foreach (var (sql, addParameters) in _statements)
        {
            await faults.BeforeCommand(cancellationToken);
            var command = new NpgsqlBatchCommand(sql);
            addParameters(command.Parameters);
            batch.BatchCommands.Add(command);
        }

        // A statement that fails has the rest passed over, the commit included.
        if (atTheEnd) batch.BatchCommands.Add(new NpgsqlBatchCommand(Rehearsal.IsOn ? "rollback" : "commit"));
        _statements.Clear();
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return any;
    }
}
