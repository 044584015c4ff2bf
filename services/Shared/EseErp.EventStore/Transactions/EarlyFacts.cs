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
    private readonly Dictionary<string, List<EarlyFact>> _known = [];

    /// <summary>Looks up what is remembered for these returns, with one query.</summary>
    public async Task Load(IEnumerable<string> returnIds, CancellationToken cancellationToken)
    {
        var wanted = returnIds.Distinct().Where(id => !_known.ContainsKey(id)).ToArray();
        if (wanted.Length == 0) return;
        foreach (var id in wanted) _known[id] = [];
        await using var command = await db.Command(
            "select return_id, type, data, cause_event_id from ese.early_facts where return_id = any (@ids) order by place", cancellationToken);
        command.Parameters.Add(new NpgsqlParameter<string[]>("ids", wanted));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            _known[reader.GetString(0)].Add(new EarlyFact(
                types.Read(reader.GetString(1), reader.GetString(2))!,
                await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetGuid(3)));
    }

    /// <summary>Keeps a fact until its request arrives.</summary>
    public async Task Remember(string returnId, object fact, CancellationToken cancellationToken)
    {
        await Load([returnId], cancellationToken);
        Guid? cause = Guid.TryParse(causality.CausationId, out var causationId) ? causationId : null;
        await using var command = await db.Command(
            "insert into ese.early_facts (return_id, type, data, cause_event_id) values (@id, @type, @data::json, @cause)", cancellationToken);
        command.Parameters.AddWithValue("id", returnId);
        command.Parameters.AddWithValue("type", types.NameOf(fact.GetType()));
        command.Parameters.Add(new NpgsqlParameter("data", NpgsqlDbType.Text) { Value = JsonSerializer.Serialize(fact, fact.GetType(), EventJson.Options) });
        command.Parameters.Add(new NpgsqlParameter("cause", NpgsqlDbType.Uuid) { Value = (object?)cause ?? DBNull.Value });
        await command.ExecuteNonQueryAsync(cancellationToken);
        _known[returnId].Add(new EarlyFact(fact, cause));
    }

    /// <summary>Hands out what was remembered, in the order it arrived, and forgets it.</summary>
    public async Task<IReadOnlyList<object>> Take(string returnId, CancellationToken cancellationToken) =>
        (await TakeWithEvents(returnId, cancellationToken)).Select(early => early.Fact).ToList();

    /// <summary>As <see cref="Take"/>, for a team that keeps which event a fact came with.</summary>
    public async Task<IReadOnlyList<EarlyFact>> TakeWithEvents(string returnId, CancellationToken cancellationToken)
    {
        await Load([returnId], cancellationToken);
        var facts = _known[returnId];
        if (facts.Count == 0) return [];
        await using var command = await db.Command("delete from ese.early_facts where return_id = @id", cancellationToken);
        command.Parameters.AddWithValue("id", returnId);
        await command.ExecuteNonQueryAsync(cancellationToken);
        _known[returnId] = [];
        return facts;
    }

    internal void Forget() => _known.Clear();
}
