using Npgsql;

namespace EseErp.Messaging;

/// <summary>
/// What a service keeps of work that is over: dead letters that were re-driven or discarded, re-drives that ended, and facts that wait for a request that cannot come any more, such as
/// those of a return that ended without this team.
/// </summary>
internal sealed class Leftovers(NpgsqlDataSource database)
{
    // In portions, so that no delete holds its locks for long.
    private const int Portion = 1000;

    /// <summary>Since when a letter is closed, re-driven or discarded; null while it waits.</summary>
    private const string ClosedAt = "greatest(redriven_at, discarded_at)";

    /// <summary>
    /// Forgets letters that were closed before a time and are published. The caller makes sure that the broker holds nothing from before that time:
    /// a record that could come again must still find its letter.
    /// </summary>
    public Task<int> PruneLetters(DateTimeOffset before, CancellationToken cancellationToken) => Prune(
        $"delete from ese.dead_letters where id in (select id from ese.dead_letters where {ClosedAt} < @before and published limit {Portion})", before, cancellationToken);

    /// <summary>Forgets re-drives of many letters that ended before a time; those under way stay.</summary>
    public Task<int> PruneRedrives(DateTimeOffset before, CancellationToken cancellationToken) => Prune(
        $"delete from ese.redrives where id in (select id from ese.redrives where finished_at < @before limit {Portion})", before, cancellationToken);

    /// <summary>
    /// Forgets facts that were remembered before a time. Whoever published such a fact had heard of the request, so the request was published before. The
    /// caller makes sure that the broker holds nothing from before that time; where the request is a dead letter or is tried again, its facts stay.
    /// </summary>
    public Task<int> PruneEarlyFacts(DateTimeOffset before, CancellationToken cancellationToken) => Prune(
        $"""
        delete from ese.early_facts where (return_id, place) in (
            select f.return_id, f.place from ese.early_facts f
            where f.seen_at < @before
              and not exists (select from ese.dead_letters d where d.key = f.return_id and d.open)
              and not exists (select from ese.retries r where r.key = f.return_id)
            limit {Portion})
        """, before, cancellationToken);

    private async Task<int> Prune(string sql, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var pruned = 0;
        while (true)
        {
            await using var command = database.CreateCommand(sql);
            command.Parameters.AddWithValue("before", before.UtcDateTime);
            var deleted = await command.ExecuteNonQueryAsync(cancellationToken);
            if (deleted == 0) return pruned;
            pruned += deleted;
        }
    }
}
