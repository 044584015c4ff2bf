using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.Messaging;

/// <summary>An event whose turn has come.</summary>
/// <param name="Attempts">With the one that is to be made now.</param>
/// <param name="Slow">It takes long, and is tried among its like.</param>
internal sealed record Retry(long Id, BrokerRecord Record, string Type, int Attempts, bool Slow);

/// <summary>
/// Events that failed and are tried again after a pause, in the service's own database: attempts survive the process, and nothing but the
/// event's own key waits. The key's later events queue behind it, and follow in order once it is through.
/// </summary>
internal sealed class Retries(NpgsqlDataSource database)
{
    private const string First =
        """not exists (select from ese.retries e where e.topic = r.topic and e.key = r.key and r.key <> '' and e."offset" < r."offset")""";

    private readonly EventLogSignal _changed = new();

    /// <summary>Completes when something may have been parked. Take it before looking.</summary>
    public Task Changed() => _changed.Next();

    /// <summary>Something was parked in a transaction that is committed now.</summary>
    public void Wake() => _changed.Set();

    /// <summary>Parks an event in the open transaction.</summary>
    /// <param name="attempts">Made so far; 0 for one that waits behind another one.</param>
    public static async Task Add(
        DbContext db, Delivery delivery, int attempts, TimeSpan pause, string? error, bool slow, CancellationToken cancellationToken)
    {
        var (record, e) = delivery;
        await using var command = await db.Command(
            """
            insert into ese.retries (topic, partition, "offset", key, type, event_id, attempts, error, value, next_at, slow)
            values (@topic, @partition, @offset, @key, @type, @event, @attempts, @error, @value, now() + @pause, @slow)
            on conflict do nothing
            """, cancellationToken);
        command.Parameters.AddWithValue("topic", record.Topic);
        command.Parameters.AddWithValue("partition", record.Partition);
        command.Parameters.AddWithValue("offset", record.Offset);
        command.Parameters.AddWithValue("key", record.Key);
        command.Parameters.AddWithValue("type", e.Type);
        command.Parameters.AddWithValue("event", e.Id);
        command.Parameters.AddWithValue("attempts", attempts);
        command.Parameters.Add(new NpgsqlParameter("error", NpgsqlDbType.Text) { Value = (object?)DeadLetters.Printable(error) ?? DBNull.Value });
        command.Parameters.AddWithValue("value", record.Value);
        command.Parameters.AddWithValue("pause", pause);
        command.Parameters.AddWithValue("slow", slow);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Removes it in the open transaction; false when somebody else has.</summary>
    public static async Task<bool> Take(DbContext db, long id, CancellationToken cancellationToken)
    {
        await using var command = await db.Command("delete from ese.retries where id = @id", cancellationToken);
        command.Parameters.AddWithValue("id", id);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Removes what waits behind a record of the key in the open transaction, in the order it came.</summary>
    public static async Task<IReadOnlyList<BrokerRecord>> TakeFollowers(DbContext db, BrokerRecord record, CancellationToken cancellationToken)
    {
        if (record.Key.Length == 0) return [];
        await using var command = await db.Command(
            """
            with gone as (delete from ese.retries where topic = @topic and key = @key returning *)
            select topic, partition, "offset", key, value from gone order by "offset"
            """, cancellationToken);
        command.Parameters.AddWithValue("topic", record.Topic);
        command.Parameters.AddWithValue("key", record.Key);
        var followers = new List<BrokerRecord>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) followers.Add(ReadRecord(reader, 0));
        return followers;
    }

    /// <summary>Whether an earlier event of the key is being tried again.</summary>
    public static async Task<bool> HasEarlier(DbContext db, BrokerRecord record, CancellationToken cancellationToken)
    {
        if (record.Key.Length == 0) return false;
        await using var command = await db.Command(
            """select exists (select from ese.retries where topic = @topic and key = @key and "offset" < @offset)""", cancellationToken);
        command.Parameters.AddWithValue("topic", record.Topic);
        command.Parameters.AddWithValue("key", record.Key);
        command.Parameters.AddWithValue("offset", record.Offset);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// The event that is due for longest, with its next attempt counted. Should this process end, another one may claim it after the lease.
    /// </summary>
    /// <param name="slow">Whether one of those that take long.</param>
    public async Task<Retry?> Claim(TimeSpan lease, bool slow, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            update ese.retries set attempts = attempts + 1, next_at = now() + @lease
            where id = (
                select r.id from ese.retries r where r.next_at <= now() and r.slow = @slow and {First} order by r.next_at limit 1 for update skip locked)
            returning topic, partition, "offset", key, value, id, type, attempts, slow
            """);
        command.Parameters.AddWithValue("lease", lease);
        command.Parameters.AddWithValue("slow", slow);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new Retry(reader.GetInt64(5), ReadRecord(reader, 0), reader.GetString(6), reader.GetInt32(7), reader.GetBoolean(8))
            : null;
    }

    /// <summary>How long until the next one is due; null when there is none.</summary>
    /// <param name="slow">Of those that take long, or of the others.</param>
    public async Task<TimeSpan?> NextDue(bool slow, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select min(r.next_at) - now() from ese.retries r where r.slow = @slow and {First}");
        command.Parameters.AddWithValue("slow", slow);
        return await command.ExecuteScalarAsync(cancellationToken) is TimeSpan due ? due : null;
    }

    /// <summary>How many there are, those included that wait behind one.</summary>
    public async Task<IReadOnlyDictionary<(string Topic, int Partition), long>> Count(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select topic, partition, count(*) from ese.retries group by topic, partition");
        var counts = new Dictionary<(string, int), long>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) counts[(reader.GetString(0), reader.GetInt32(1))] = reader.GetInt64(2);
        return counts;
    }

    /// <summary>Has it tried again after a pause.</summary>
    /// <param name="counts">Whether the attempt that failed counts.</param>
    /// <param name="error">Null: what it was before.</param>
    /// <param name="slow">Whether it is tried among those that take long from now on.</param>
    public async Task Postpone(Retry retry, TimeSpan pause, bool counts, string? error, bool slow, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "update ese.retries set next_at = now() + @pause, attempts = attempts - @uncounted, error = coalesce(@error, error), slow = @slow where id = @id");
        command.Parameters.AddWithValue("pause", pause);
        command.Parameters.AddWithValue("uncounted", counts ? 0 : 1);
        command.Parameters.Add(new NpgsqlParameter("error", NpgsqlDbType.Text) { Value = (object?)DeadLetters.Printable(error) ?? DBNull.Value });
        command.Parameters.AddWithValue("slow", slow);
        command.Parameters.AddWithValue("id", retry.Id);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static BrokerRecord ReadRecord(NpgsqlDataReader reader, int from) =>
        new(reader.GetString(from), reader.GetInt32(from + 1), reader.GetInt64(from + 2), reader.GetString(from + 3), reader.GetFieldValue<byte[]>(from + 4));
}
