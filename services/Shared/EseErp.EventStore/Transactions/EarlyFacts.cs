using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.EventStore;

/// <summary>A remembered fact and the event that carried it, which is long past when the fact is applied.</summary>
public sealed record EarlyFact(object Fact, Guid? EventId);

/// <summary>
/// Facts that overtook the request they belong to: order holds within a topic, never across topics. A team remembers
/// such a fact and applies it as soon as the request arrives.
/// </summary>
public sealed class EarlyFacts(DbContext db, EventTypes types, Causality causality)
{
    private const string Select = "select return_id, type, data, cause_event_id from ese.early_facts where return_id = any ($1) order by place";

    // What the database has, of the returns that were asked for; then what was remembered in this unit of work.
    private readonly Dictionary<string, List<EarlyFact>> _stored = [];
    private readonly Dictionary<string, List<EarlyFact>> _new = [];

    /// <summary>Has a batch's first round trip look up what is remembered for returns about to be opened.</summary>
    public void Want(IEnumerable<string> returnIds, BatchReads reads)
    {
        var wanted = Unknown(returnIds);
        if (wanted.Length > 0) reads.Add(Select, parameters => parameters.Add(new NpgsqlParameter<string[]> { TypedValue = wanted }), Read);
    }

    /// <summary>Looks up what is remembered for these returns, with one query.</summary>
    public async Task Load(IEnumerable<string> returnIds, CancellationToken cancellationToken)
    {
        var wanted = Unknown(returnIds);
        if (wanted.Length == 0) return;
        await using var command = await db.Command(Select, cancellationToken);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = wanted });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await Read(reader, cancellationToken);
    }

    /// <summary>Keeps a fact until its request arrives.</summary>
    public void Remember(string returnId, object fact)
    {
        Guid? cause = Guid.TryParse(causality.CausationId, out var causationId) ? causationId : null;
        if (!_new.TryGetValue(returnId, out var facts)) _new[returnId] = facts = [];
        facts.Add(new EarlyFact(fact, cause));
        var (type, data) = (types.NameOf(fact.GetType()), JsonSerializer.Serialize(fact, fact.GetType(), EventJson.Options));
        PendingWrites.Of(db).Add("insert into ese.early_facts (return_id, type, data, cause_event_id) values ($1, $2, $3::json, $4)", parameters =>
        {
            parameters.Add(new NpgsqlParameter<string> { TypedValue = returnId });
            parameters.Add(new NpgsqlParameter<string> { TypedValue = type });
            parameters.Add(new NpgsqlParameter { Value = data, NpgsqlDbType = NpgsqlDbType.Text });
            parameters.Add(new NpgsqlParameter { Value = (object?)cause ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        });
    }

    /// <summary>Hands out what was remembered, in the order it arrived, and forgets it.</summary>
    public async Task<IReadOnlyList<object>> Take(string returnId, CancellationToken cancellationToken) =>
        (await TakeWithEvents(returnId, cancellationToken)).Select(early => early.Fact).ToList();

    /// <summary>As <see cref="Take"/>, for a team that keeps which event a fact came with.</summary>
    public async Task<IReadOnlyList<EarlyFact>> TakeWithEvents(string returnId, CancellationToken cancellationToken)
    {
        await Load([returnId], cancellationToken);
        List<EarlyFact> facts = [.. _stored[returnId], .. _new.GetValueOrDefault(returnId, [])];
        if (facts.Count == 0) return [];
        PendingWrites.Of(db).Add("delete from ese.early_facts where return_id = $1", parameters => parameters.Add(new NpgsqlParameter<string> { TypedValue = returnId }));
        _stored[returnId] = [];
        _new.Remove(returnId);
        return facts;
    }

    internal void Forget()
    {
        _stored.Clear();
        _new.Clear();
    }

    private string[] Unknown(IEnumerable<string> returnIds)
    {
        var wanted = returnIds.Distinct().Where(id => !_stored.ContainsKey(id)).ToArray();
        foreach (var id in wanted) _stored[id] = [];
        return wanted;
    }

    private async Task Read(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        while (await reader.ReadAsync(cancellationToken))
            _stored[reader.GetString(0)].Add(new EarlyFact(types.Read(reader.GetString(1), reader.GetString(2))!, reader.IsDBNull(3) ? null : reader.GetGuid(3)));
    }
}
