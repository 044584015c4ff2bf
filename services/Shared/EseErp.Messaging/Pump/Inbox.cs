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

    // When this process last noted an arrival of the day, by a clock that nobody sets. A day cannot have been dropped since: that takes days,
    // not an hour. Only a failover can lose it.
    private readonly ConcurrentDictionary<int, long> _noted = new();

    /// <summary>
    /// Does work that enters these events, with their partitions prepared. A failover to a standby, or a restore, may have lost what was prepared
    /// before: then it is prepared again, and the work done once more.
    /// </summary>
    public async Task<T> WithPartitions<T>(IReadOnlyCollection<ReceivedEvent> events, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await PreparePartitions(events, cancellationToken);
        try
        {
            return await work();
        }
        catch (Exception exception) when (LacksPartition(exception))
        {
            // Others may be lost too.
            _noted.Clear();
            await PreparePartitions(events, cancellationToken);
            return await work();
        }
    }

    /// <summary>
    /// Creates the day partitions these events fall into and notes that something of these days has arrived, outside the
    /// batch's transaction and at most once an hour.
    /// </summary>
    private async Task PreparePartitions(IEnumerable<ReceivedEvent> events, CancellationToken cancellationToken)
    {
        foreach (var day in events.Select(DayOf).Distinct().Where(day => !_noted.TryGetValue(day, out var noted) || clock.GetElapsedTime(noted) >= NoteInterval).ToList())
        {
            var now = clock.GetTimestamp();
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand(
                $"""
                select pg_advisory_xact_lock(hashtext('ese.inbox'));
                create table if not exists ese.inbox_{day} partition of ese.inbox for values from ({day}) to ({day + 1});
                insert into ese.inbox_days as d (day, last_arrival) values ({day}, now())
                on conflict (day) do update set last_arrival = greatest(d.last_arrival, excluded.last_arrival)
                """, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            _noted[day] = now;
        }
    }

    /// <summary>The database's time, by which arrivals are noted: whatever this process's clock was set to, they are compared with nothing else.</summary>
    public async Task<DateTimeOffset> Now(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select now()");
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellationToken))!, TimeSpan.Zero);
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
                @before, coalesce((select min(dead_at) - @note from ese.dead_letters where open), 'infinity'),
                coalesce((select min(parked_at) - @note from ese.retries), 'infinity'))
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
    /// Has a batch's events entered in the first round trip of its transaction, but for those that have to wait. Also takes the lanes' locks until
    /// the transaction ends: should two replicas for a moment both believe they own a lane, their batches queue here.
    /// </summary>
    /// <remarks>
    /// An event waits behind an earlier one of its key and topic that is a dead letter or tried again, and, whatever the topic, while one of its key is
    /// being tried: then somebody has the key's lock. Records without a key wait for none. One statement decides it all, by one look at the database:
    /// what is set aside may be applied meanwhile, as that does not need the lane.
    /// </remarks>
    /// <returns>What came of it, once the reads are executed.</returns>
    public static Entered Enter(string group, IReadOnlyList<Delivery> deliveries, BatchReads reads)
    {
        var distinct = deliveries.DistinctBy(delivery => delivery.Event.Id).ToList();
        var entered = new Entered([], [], []);
        Lock(group, distinct.Select(delivery => delivery.Record.Partition).Distinct().ToArray(), reads);
        reads.Add(
            """
            with e as materialized (
                select e.id, e.day, case
                    when e.key = '' then 'free'
                    when exists (
                        select from ese.dead_letters d where d.topic = e.topic and d.key = e.key and d.open and d."offset" <= e."offset") then 'behind'
                    when exists (select from ese.retries r where r.topic = e.topic and r.key = e.key and r."offset" <= e."offset") then 'waiting'
                    when exists (select from ese.retries r where r.key = e.key) or exists (select from ese.dead_letters d where d.key = e.key and d.open)
                        then case when pg_try_advisory_xact_lock_shared(hashtextextended($1 || chr(10) || e.key, 0)) then 'free' else 'waiting' end
                    else 'free' end as state
                from unnest($2, $3, $4, $5, $6) as e(id, day, topic, key, "offset")
            ), entered as (
                insert into ese.inbox (consumer_group, event_id, event_day) select $1, e.id, e.day from e where e.state = 'free'
                on conflict do nothing
                returning event_id
            )
            select event_id, 'fresh' from entered
            union all
            select id, state from e where state <> 'free'
            """,
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<string> { TypedValue = group });
                parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = distinct.Select(delivery => delivery.Event.Id).ToArray() });
                parameters.Add(new NpgsqlParameter<int[]> { TypedValue = distinct.Select(delivery => DayOf(delivery.Event)).ToArray() });
                parameters.Add(new NpgsqlParameter<string[]> { TypedValue = distinct.Select(delivery => delivery.Record.Topic).ToArray() });
                parameters.Add(new NpgsqlParameter<string[]> { TypedValue = distinct.Select(delivery => delivery.Record.Key).ToArray() });
                parameters.Add(new NpgsqlParameter<long[]> { TypedValue = distinct.Select(delivery => delivery.Record.Offset).ToArray() });
            },
            async (reader, token) =>
            {
                while (await reader.ReadAsync(token))
                    (reader.GetString(1) switch { "fresh" => entered.Fresh, "behind" => entered.Behind, _ => entered.Waiting }).Add(reader.GetGuid(0));
            });
        return entered;
    }

    /// <summary>Has an event entered that was set aside, with the key's lock.</summary>
    /// <returns>Its id, once the reads are executed, if it was not there before.</returns>
    public static HashSet<Guid> EnterSetAside(string group, ReceivedEvent e, BatchReads reads)
    {
        var fresh = new HashSet<Guid>();
        reads.Add(
            "insert into ese.inbox (consumer_group, event_id, event_day) values ($1, $2, $3) on conflict do nothing returning event_id",
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<string> { TypedValue = group });
                parameters.Add(new NpgsqlParameter<Guid> { TypedValue = e.Id });
                parameters.Add(new NpgsqlParameter<int> { TypedValue = DayOf(e) });
            },
            async (reader, token) =>
            {
                while (await reader.ReadAsync(token)) fresh.Add(reader.GetGuid(0));
            });
        return fresh;
    }

    /// <summary>Has the lanes' locks taken until the transaction ends.</summary>
    public static void Lock(string group, int[] lanes, BatchReads reads) => reads.Add(
        "select pg_advisory_xact_lock(hashtext($1), lane) from unnest($2) lane order by lane",
        parameters =>
        {
            parameters.Add(new NpgsqlParameter<string> { TypedValue = group });
            parameters.Add(new NpgsqlParameter<int[]> { TypedValue = lanes });
        },
        (_, _) => Task.CompletedTask);

    /// <summary>
    /// Takes the lock of a record's key until the open transaction ends: so nothing else of the key is applied meanwhile, and the other keys of its lane
    /// continue. A record without a key has a lock of its own.
    /// </summary>
    /// <param name="limit">How long to wait for somebody else's lock, this one and those of rows. A statement that waits longer fails (<see cref="WaitedForLock"/>).</param>
    /// <param name="waits">Whether to wait for this one.</param>
    /// <exception cref="KeyIsBusyException">Somebody else has it, and this was not to wait.</exception>
    public static async Task LockKey(DbContext db, string group, BrokerRecord record, TimeSpan limit, bool waits, CancellationToken cancellationToken)
    {
        await using var command = await db.Command(
            $"""
            select set_config('lock_timeout', @limit, true);
            select {(waits ? "pg_advisory_xact_lock" : "pg_try_advisory_xact_lock")}(hashtextextended(@group || chr(10) || @key, 0))
            """, cancellationToken);
        command.Parameters.AddWithValue("group", group);
        command.Parameters.AddWithValue("key", record.Key.Length > 0 ? record.Key : $"{record.Topic}\n{record.Partition}\n{record.Offset}");
        command.Parameters.AddWithValue("limit", $"{(int)limit.TotalMilliseconds}ms");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        if (!waits && !reader.GetBoolean(0)) throw new KeyIsBusyException();
    }

    /// <summary>Whether a statement failed as it waited too long for somebody else's lock, which is nobody's fault.</summary>
    public static bool WaitedForLock(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } => true,
        { InnerException: { } inner } => WaitedForLock(inner),
        _ => false,
    };

    /// <summary>Waits for the batches of a lane that are under way.</summary>
    public async Task WaitForBatches(string group, int lane, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select pg_advisory_xact_lock(hashtext($1), $2)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = group });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = lane });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Whether the group has applied an event, as the open transaction sees it.</summary>
    public static async Task<bool> Has(DbContext db, string group, ReceivedEvent e, CancellationToken cancellationToken)
    {
        await using var command = await db.Command(
            "select exists (select from ese.inbox where consumer_group = @group and event_id = @id and event_day = @day)", cancellationToken);
        command.Parameters.AddWithValue("group", group);
        command.Parameters.AddWithValue("id", e.Id);
        command.Parameters.AddWithValue("day", DayOf(e));
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// Enters events in the open transaction, which nothing else enters any in. An event of a day that the inbox has let go of cannot come any more,
    /// and is left out.
    /// </summary>
    public static async Task Add(DbContext db, string group, IEnumerable<ReceivedEvent> events, CancellationToken cancellationToken)
    {
        var distinct = events.DistinctBy(e => e.Id).ToList();
        if (distinct.Count == 0) return;
        await using var command = await db.Command(
            """
            insert into ese.inbox (consumer_group, event_id, event_day)
            select @group, e.id, e.day from unnest(@ids, @days) as e(id, day) where to_regclass('ese.inbox_' || e.day) is not null
            on conflict do nothing
            """, cancellationToken);
        command.Parameters.AddWithValue("group", group);
        command.Parameters.Add(new NpgsqlParameter<Guid[]>("ids", distinct.Select(e => e.Id).ToArray()));
        command.Parameters.Add(new NpgsqlParameter<int[]>("days", distinct.Select(DayOf).ToArray()));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // A row that no partition takes is a check violation of the table as a whole.
    private static bool LacksPartition(Exception exception) => exception switch
    {
        PostgresException postgres => postgres is { SqlState: PostgresErrorCodes.CheckViolation, SchemaName: "ese", TableName: "inbox", ConstraintName: null },
        { InnerException: { } inner } => LacksPartition(inner),
        _ => false,
    };

    private static int DayOf(ReceivedEvent e) => (int)(e.Time.ToUnixTimeSeconds() / 86400);

    /// <param name="Fresh">Events that were not there before.</param>
    /// <param name="Behind">Events that are a dead letter, or behind one of their key.</param>
    /// <param name="Waiting">Events that are tried again, behind one that is, or of a key that is being worked on.</param>
    internal sealed record Entered(HashSet<Guid> Fresh, HashSet<Guid> Behind, HashSet<Guid> Waiting);
}

/// <summary>Another event of the key is being applied now.</summary>
internal sealed class KeyIsBusyException() : Exception("Another event of this key is being applied at this moment.");
