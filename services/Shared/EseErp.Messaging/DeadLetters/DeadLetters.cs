using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.Messaging;

/// <summary>Which letters are meant; what is null does not restrict.</summary>
/// <param name="Waiting">Only those not re-driven yet.</param>
internal sealed record DeadLetterFilter(
    long After = 0, string? Topic = null, string? Key = null, string? Type = null, DeadLetterReason? Reason = null, bool Waiting = true);

/// <summary>The dead letters of a service's consumer group, in its own database.</summary>
internal sealed class DeadLetters(NpgsqlDataSource database)
{
    private const string Columns =
        """id, topic, partition, "offset", key, type, event_id, reason, error, exception, attempts, value, dead_at, redriven_at""";

    /// <summary>Adds a letter in the open transaction; one that is there already stays as it is.</summary>
    /// <returns>Whether it is new.</returns>
    public static async Task<bool> Add(
        DbContext db, BrokerRecord record, ReceivedEvent? e, DeadLetterReason reason, string error, string? exception, int attempts,
        CancellationToken cancellationToken)
    {
        await using var command = await db.Command(
            """
            insert into ese.dead_letters (topic, partition, "offset", key, type, event_id, reason, error, exception, attempts, value)
            values (@topic, @partition, @offset, @key, @type, @event, @reason, @error, @exception, @attempts, @value)
            on conflict (topic, partition, "offset") do nothing
            """, cancellationToken);
        command.Parameters.AddWithValue("topic", record.Topic);
        command.Parameters.AddWithValue("partition", record.Partition);
        command.Parameters.AddWithValue("offset", record.Offset);
        command.Parameters.AddWithValue("key", record.Key);
        command.Parameters.Add(new NpgsqlParameter("type", NpgsqlDbType.Text) { Value = (object?)(e?.Type ?? Printable(CloudEvent.TypeOf(record.Value))) ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter("event", NpgsqlDbType.Uuid) { Value = (object?)e?.Id ?? DBNull.Value });
        command.Parameters.AddWithValue("reason", reason.ToString());
        command.Parameters.AddWithValue("error", Printable(error)!);
        command.Parameters.Add(new NpgsqlParameter("exception", NpgsqlDbType.Text) { Value = (object?)Printable(exception) ?? DBNull.Value });
        command.Parameters.AddWithValue("attempts", attempts);
        command.Parameters.AddWithValue("value", record.Value);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Marks a letter as re-driven in the open transaction; false when it was before.</summary>
    public static async Task<bool> Take(DbContext db, long id, CancellationToken cancellationToken)
    {
        await using var command = await db.Command("update ese.dead_letters set redriven_at = now() where id = @id and redriven_at is null", cancellationToken);
        command.Parameters.AddWithValue("id", id);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Letters by id, oldest first.</summary>
    public async Task<IReadOnlyList<DeadLetter>> List(DeadLetterFilter filter, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            select {Columns} from ese.dead_letters
            where id > @after
              and (@topic::text is null or topic = @topic) and (@key::text is null or key = @key) and (@type::text is null or type = @type)
              and (@reason::text is null or reason = @reason) and (not @waiting or redriven_at is null)
            order by id limit @limit
            """);
        command.Parameters.AddWithValue("after", filter.After);
        command.Parameters.AddWithValue("limit", limit);
        command.Parameters.AddWithValue("waiting", filter.Waiting);
        foreach (var (name, value) in new[] { ("topic", filter.Topic), ("key", filter.Key), ("type", filter.Type), ("reason", filter.Reason?.ToString()) })
            command.Parameters.Add(new NpgsqlParameter(name, NpgsqlDbType.Text) { Value = (object?)value ?? DBNull.Value });
        return await Read(command, cancellationToken);
    }

    /// <summary>The waiting letters of a key in the order the records came.</summary>
    public async Task<IReadOnlyList<DeadLetter>> Waiting(string topic, string key, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""select {Columns} from ese.dead_letters where topic = @topic and key = @key and redriven_at is null order by "offset" limit @limit""");
        command.Parameters.AddWithValue("topic", topic);
        command.Parameters.AddWithValue("key", key);
        command.Parameters.AddWithValue("limit", limit);
        return await Read(command, cancellationToken);
    }

    public async Task<DeadLetter?> Find(long id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select {Columns} from ese.dead_letters where id = @id");
        command.Parameters.AddWithValue("id", id);
        return (await Read(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Letters that were not yet published to their dead letter topic.</summary>
    public async Task<IReadOnlyList<DeadLetter>> Unpublished(int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select {Columns} from ese.dead_letters where not published order by id limit @limit");
        command.Parameters.AddWithValue("limit", limit);
        return await Read(command, cancellationToken);
    }

    public async Task MarkPublished(IEnumerable<long> ids, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("update ese.dead_letters set published = true where id = any (@ids)");
        command.Parameters.AddWithValue("ids", ids.ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A re-drive failed: the letter stays, with what went wrong now.</summary>
    public async Task NoteFailure(long id, Exception exception, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "update ese.dead_letters set attempts = attempts + 1, error = @error, exception = @exception where id = @id and redriven_at is null");
        command.Parameters.AddWithValue("id", id);
        command.Parameters.AddWithValue("error", Printable(exception.Message)!);
        command.Parameters.AddWithValue("exception", Printable(exception.ToString())!);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<DeadLetter>> Read(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var letters = new List<DeadLetter>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            letters.Add(new DeadLetter(
                reader.GetInt64(0), reader.GetString(1), reader.GetInt32(2), reader.GetInt64(3), reader.GetString(4),
                await reader.IsDBNullAsync(5, cancellationToken) ? null : reader.GetString(5),
                await reader.IsDBNullAsync(6, cancellationToken) ? null : reader.GetGuid(6),
                Enum.Parse<DeadLetterReason>(reader.GetString(7)), reader.GetString(8),
                await reader.IsDBNullAsync(9, cancellationToken) ? null : reader.GetString(9),
                reader.GetInt32(10), reader.GetFieldValue<byte[]>(11), reader.GetFieldValue<DateTimeOffset>(12),
                await reader.IsDBNullAsync(13, cancellationToken) ? null : reader.GetFieldValue<DateTimeOffset>(13)));
        return letters;
    }

    // PostgreSQL's text has no NUL, and poison may carry one into a message.
    internal static string? Printable(string? text) => text?.Replace("\0", "\\0", StringComparison.Ordinal);
}
