using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace EseErp.Messaging;

/// <summary>Which events a group has applied; what makes a redelivery harmless.</summary>
internal sealed class Inbox(NpgsqlDataSource database)
{
    private readonly ConcurrentDictionary<int, bool> _partitions = new();

    /// <summary>Creates the day partitions these events fall into, outside the batch's transaction.</summary>
    public async Task PreparePartitions(IEnumerable<ReceivedEvent> events, CancellationToken cancellationToken)
    {
        foreach (var day in events.Select(DayOf).Distinct().Where(day => !_partitions.ContainsKey(day)).ToList())
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand(
                $"""
                select pg_advisory_xact_lock(hashtext('ese.inbox'));
                create table if not exists ese.inbox_{day} partition of ese.inbox for values from ({day}) to ({day + 1})
                """, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            _partitions[day] = true;
        }
    }

    /// <summary>
    /// Enters the events in the open transaction and returns the ids that were not there before. Also takes the lanes' locks
    /// until the transaction ends: should two replicas for a moment both believe they own a lane, their batches queue here.
    /// </summary>
    public static async Task<HashSet<Guid>> Enter(
        DbContext db, string group, IEnumerable<ReceivedEvent> events, IEnumerable<int> lanes, CancellationToken cancellationToken)
    {
        var list = events.ToList();
        await using var command = new NpgsqlCommand(
            """
            select pg_advisory_xact_lock(hashtext(@group), lane) from unnest(@lanes) lane order by lane;
            insert into ese.inbox (consumer_group, event_id, event_day)
            select @group, e.id, e.day from unnest(@ids, @days) as e(id, day)
            on conflict do nothing
            returning event_id
            """,
            (NpgsqlConnection)db.Database.GetDbConnection(),
            (NpgsqlTransaction)db.Database.CurrentTransaction!.GetDbTransaction());
        command.Parameters.AddWithValue("group", group);
        command.Parameters.AddWithValue("lanes", lanes.ToArray());
        command.Parameters.AddWithValue("ids", list.Select(e => e.Id).ToArray());
        command.Parameters.AddWithValue("days", list.Select(DayOf).ToArray());
        var fresh = new HashSet<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) fresh.Add(reader.GetGuid(0));
        return fresh;
    }

    private static int DayOf(ReceivedEvent e) => (int)(e.Time.ToUnixTimeSeconds() / 86400);
}
