using System.Collections.Concurrent;
using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EseErp.Messaging;

/// <summary>Which events a group has applied; what makes a redelivery harmless.</summary>
/// <remarks>
/// Partitioned by the day of the event, which every delivery of it shares, and dropped by when something of that day arrived
/// last: an old event may well be delivered for the first time today. See docs/decisions/0005-retention.md.
/// </remarks>
internal sealed class Inbox(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>An arrival is noted up to this much too early.</summary>
    public static readonly TimeSpan NoteInterval = TimeSpan.FromHours(1);

    // When this process last noted an arrival of the day. A day cannot have been dropped since: that takes days, not an hour.
    private readonly ConcurrentDictionary<int, DateTimeOffset> _noted = new();

    /// <summary>
    /// Creates the day partitions these events fall into and notes that something of these days has arrived, outside the
    /// batch's transaction and at most once an hour.
    /// </summary>
    public async Task PreparePartitions(IEnumerable<ReceivedEvent> events, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        foreach (var day in events.Select(DayOf).Distinct().Where(day => !_noted.TryGetValue(day, out var noted) || now - noted >= NoteInterval).ToList())
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand(
                $"""
                select pg_advisory_xact_lock(hashtext('ese.inbox'));
                create table if not exists ese.inbox_{day} partition of ese.inbox for values from ({day}) to ({day + 1});
                insert into ese.inbox_days as d (day, last_arrival) values ({day}, @now)
                on conflict (day) do update set last_arrival = greatest(d.last_arrival, excluded.last_arrival)
                """, connection);
            command.Parameters.AddWithValue("now", now.UtcDateTime);
            await command.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            _noted[day] = now;
        }
    }

    /// <summary>
    /// Drops the days of which nothing has arrived since. The caller makes sure that the broker holds nothing any more that
    /// arrived before. Keeps what arrived since the oldest dead letter that waits: when that is re-driven, the inbox has to know
    /// whether its event was applied. Gives up after two seconds when batches are in the way, rather than hold up those behind it.
    /// </summary>
    /// <returns>The days dropped, counted from 1970.</returns>
    public async Task<IReadOnlyList<int>> Prune(DateTimeOffset lastArrivalBefore, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var days = new List<int>();
        // Under the lock that PreparePartitions takes too: no replica notes an arrival while its day goes.
        await using (var command = new NpgsqlCommand(
            """
            set local lock_timeout = '2s';
            select pg_advisory_xact_lock(hashtext('ese.inbox'));
            delete from ese.inbox_days where last_arrival < least(
                @before, coalesce((select min(dead_at) - @note from ese.dead_letters where redriven_at is null), 'infinity'))
            returning day
            """, connection))
        {
            command.Parameters.AddWithValue("before", lastArrivalBefore.UtcDateTime);
            command.Parameters.AddWithValue("note", NoteInterval);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken)) days.Add(reader.GetInt32(0));
        }

        foreach (var day in days)
        {
            await using var drop = new NpgsqlCommand($"drop table if exists ese.inbox_{day}", connection);
            await drop.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return days;
    }

    /// <summary>
    /// Enters the events in the open transaction, but for those that are a dead letter or behind one of their key. Also takes the lanes'
    /// locks until the transaction ends: should two replicas for a moment both believe they own a lane, their batches queue
    /// here.
    /// </summary>
    /// <param name="passBlocked">For the dead letters themselves.</param>
    public static async Task<Entered> Enter(
        DbContext db, string group, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken, bool passBlocked = false)
    {
        var distinct = deliveries.DistinctBy(delivery => delivery.Event.Id).ToList();
        await using var command = await db.Command(
            """
            select pg_advisory_xact_lock(hashtext(@group), lane) from unnest(@lanes) lane order by lane;
            select d.topic, d.key, min(d."offset") from ese.dead_letters d
            join (select distinct * from unnest(@topics, @keys)) as e(topic, key) on e.topic = d.topic and e.key = d.key
            where d.redriven_at is null and not @pass
            group by d.topic, d.key;
            insert into ese.inbox (consumer_group, event_id, event_day)
            select @group, e.id, e.day from unnest(@ids, @days, @topics, @keys, @offsets) as e(id, day, topic, key, "offset")
            where @pass or not exists (
                select 1 from ese.dead_letters d
                where d.topic = e.topic and d.key = e.key and d.redriven_at is null and d."offset" <= e."offset")
            on conflict do nothing
            returning event_id
            """, cancellationToken);
        command.Parameters.AddWithValue("group", group);
        command.Parameters.AddWithValue("pass", passBlocked);
        command.Parameters.AddWithValue("lanes", distinct.Select(delivery => delivery.Record.Partition).Distinct().ToArray());
        command.Parameters.AddWithValue("topics", distinct.Select(delivery => delivery.Record.Topic).ToArray());
        command.Parameters.AddWithValue("keys", distinct.Select(delivery => delivery.Record.Key).ToArray());
        command.Parameters.AddWithValue("offsets", distinct.Select(delivery => delivery.Record.Offset).ToArray());
        command.Parameters.AddWithValue("ids", distinct.Select(delivery => delivery.Event.Id).ToArray());
        command.Parameters.AddWithValue("days", distinct.Select(delivery => DayOf(delivery.Event)).ToArray());
        var entered = new Entered([], []);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) entered.FirstDead[(reader.GetString(0), reader.GetString(1))] = reader.GetInt64(2);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) entered.Fresh.Add(reader.GetGuid(0));
        return entered;
    }

    /// <summary>Takes the lanes' locks until the transaction ends.</summary>
    public static async Task Lock(DbContext db, string group, int[] lanes, CancellationToken cancellationToken)
    {
        await using var command = await db.Command("select pg_advisory_xact_lock(hashtext(@group), lane) from unnest(@lanes) lane order by lane", cancellationToken);
        command.Parameters.AddWithValue("group", group);
        command.Parameters.AddWithValue("lanes", lanes);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static int DayOf(ReceivedEvent e) => (int)(e.Time.ToUnixTimeSeconds() / 86400);

    /// <param name="Fresh">Event ids that were not there before.</param>
    /// <param name="FirstDead">Topics and keys that have a dead letter waiting, with the offset of the first.</param>
    internal sealed record Entered(HashSet<Guid> Fresh, Dictionary<(string Topic, string Key), long> FirstDead)
    {
        /// <summary>Whether it is dead, or an earlier record of the same key is.</summary>
        public bool IsBlocked(BrokerRecord record) => FirstDead.TryGetValue((record.Topic, record.Key), out var offset) && offset <= record.Offset;
    }
}
