using System.Security.Cryptography;
using System.Text;
using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.Messaging;

/// <summary>Which letters are meant; what is null does not restrict.</summary>
/// <param name="Open">Only those neither re-driven nor discarded.</param>
internal sealed record DeadLetterFilter(
    long After = 0, string? Topic = null, string? Key = null, string? Type = null, DeadLetterReason? Reason = null, bool Open = true);

/// <summary>The dead letters of a service's consumer group, in its own database.</summary>
internal sealed class DeadLetters(NpgsqlDataSource database)
{
    private const string Columns =
        """id, topic, partition, "offset", key, type, event_id, reason, error, exception, attempts, value, dead_at, redriven_at, discarded_at, discarded_by, discard_reason""";

    /// <summary>The condition of a filter, in which a null does not restrict, beside whether the letter is open.</summary>
    internal const string Matches =
        """
        (@topic::text is null or d.topic = @topic) and (@key::text is null or d.key = @key) and (@type::text is null or d.type = @type)
        and (@reason::text is null or d.reason = @reason)
        """;

    // Said outright, or the index of those that are open would not do.
    private const string IsOpen = "and d.open";

    // What differs from one of these letters to the next in a text: ids and numbers.
    private const string FirstLine =
        """regexp_replace(regexp_replace(left(split_part(error, E'\n', 1), 300), '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}', '#', 'g'), '[0-9]+', '#', 'g')""";

    /// <summary>Adds a letter in the open transaction, and tells of it; one that is there already stays as it is.</summary>
    /// <returns>Whether it is new.</returns>
    public static async Task<bool> Add(
        DbContext db, BrokerRecord record, ReceivedEvent? e, DeadLetterReason reason, string error, string? exception, int attempts,
        CancellationToken cancellationToken)
    {
        var type = e?.Type ?? Printable(CloudEvent.TypeOf(record.Value));
        await using var command = await db.Command(
            """
            insert into ese.dead_letters (topic, partition, "offset", key, type, event_id, reason, error, exception, attempts, value, fingerprint)
            values (@topic, @partition, @offset, @key, @type, @event, @reason, @error, @exception, @attempts, @value, @fingerprint)
            on conflict (topic, partition, "offset", fingerprint) do nothing
            returning id
            """, cancellationToken);
        command.Parameters.AddWithValue("topic", record.Topic);
        command.Parameters.AddWithValue("partition", record.Partition);
        command.Parameters.AddWithValue("offset", record.Offset);
        command.Parameters.AddWithValue("key", record.Key);
        command.Parameters.Add(Text("type", type));
        command.Parameters.Add(new NpgsqlParameter("event", NpgsqlDbType.Uuid) { Value = (object?)e?.Id ?? DBNull.Value });
        command.Parameters.AddWithValue("reason", reason.ToString());
        command.Parameters.AddWithValue("error", Printable(error)!);
        command.Parameters.Add(Text("exception", Printable(exception)));
        command.Parameters.AddWithValue("attempts", attempts);
        command.Parameters.AddWithValue("value", record.Value);
        command.Parameters.AddWithValue("fingerprint", SHA256.HashData([.. Encoding.UTF8.GetBytes(record.Key), 0, .. record.Value]));
        if (await command.ExecuteScalarAsync(cancellationToken) is not long id) return false;
        db.GetService<DeadLetterNews>().Opened(db, id, record.Topic, record.Key, type, reason, again: false, e);
        return true;
    }

    /// <summary>Marks a letter as re-driven in the open transaction, and tells so; false when it was closed before.</summary>
    public static async Task<bool> Take(DbContext db, DeadLetter letter, CancellationToken cancellationToken)
    {
        await using var command = await db.Command("update ese.dead_letters set redriven_at = now() where id = @id and open", cancellationToken);
        command.Parameters.AddWithValue("id", letter.Id);
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0) return false;
        db.GetService<DeadLetterNews>().Closed(db, letter, DeadLetterEnd.Redriven);
        return true;
    }

    /// <summary>Marks a letter as discarded in the open transaction, and tells so; false when it was closed before.</summary>
    public static async Task<bool> Discard(DbContext db, DeadLetter letter, string reason, string by, CancellationToken cancellationToken)
    {
        await using var command = await db.Command(
            "update ese.dead_letters set discarded_at = now(), discarded_by = @by, discard_reason = @reason where id = @id and open", cancellationToken);
        command.Parameters.AddWithValue("id", letter.Id);
        command.Parameters.AddWithValue("by", by);
        command.Parameters.AddWithValue("reason", reason);
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0) return false;
        db.GetService<DeadLetterNews>().Closed(db, letter, DeadLetterEnd.Discarded, reason, by);
        return true;
    }

    /// <summary>
    /// Forgets letters in the open transaction, and tells of those that were open. For a projection that is built again from the beginning:
    /// their records come again. What was discarded stays so.
    /// </summary>
    /// <returns>The discarded ones.</returns>
    public static async Task<IReadOnlyList<DeadLetter>> Forget(DbContext db, CancellationToken cancellationToken)
    {
        var open = new List<DeadLetter>();
        // Waits for batches under way, so that none adds a letter that is not told of.
        await using (var command = await db.Command(
            $"lock table ese.dead_letters in access exclusive mode; select {Columns} from ese.dead_letters where open order by id", cancellationToken))
            open.AddRange(await Read(command, cancellationToken));
        foreach (var letter in open) db.GetService<DeadLetterNews>().Closed(db, letter, DeadLetterEnd.Dropped);
        await using (var delete = await db.Command("delete from ese.dead_letters where discarded_at is null", cancellationToken))
            await delete.ExecuteNonQueryAsync(cancellationToken);
        await using var discarded = await db.Command($"select {Columns} from ese.dead_letters order by id", cancellationToken);
        return await Read(discarded, cancellationToken);
    }

    /// <summary>Notes in the open transaction that a re-drive failed: the letter stays, with what went wrong now.</summary>
    public static async Task NoteFailure(DbContext db, DeadLetter letter, Exception exception, CancellationToken cancellationToken)
    {
        var (reason, e) = exception is UnreadableEventException unreadable ? (unreadable.Reason, unreadable.Event)
            : (ConflictException.IsBehind(exception) ? DeadLetterReason.Conflict : DeadLetterReason.Exhausted, null);
        await using var command = await db.Command(
            "update ese.dead_letters set attempts = attempts + 1, reason = @reason, error = @error, exception = @exception where id = @id and open", cancellationToken);
        command.Parameters.AddWithValue("id", letter.Id);
        command.Parameters.AddWithValue("reason", reason.ToString());
        command.Parameters.AddWithValue("error", Printable(exception.Message)!);
        command.Parameters.AddWithValue("exception", Printable(exception.ToString())!);
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0 || reason == letter.Reason) return;
        // It was behind another one, or of a version that was not known, and now fails by itself.
        db.GetService<DeadLetterNews>().Opened(db, letter.Id, letter.Topic, letter.Key, letter.Type, reason, again: true, e);
    }

    /// <summary>Notes in the open transaction that a letter which goes by itself failed, and will be tried again.</summary>
    public static async Task NoteAttempt(DbContext db, DeadLetter letter, Exception exception, TimeSpan pause, CancellationToken cancellationToken)
    {
        await using var command = await db.Command(
            "update ese.dead_letters set attempts = attempts + 1, error = @error, exception = @exception, next_at = now() + @pause where id = @id and open", cancellationToken);
        command.Parameters.AddWithValue("id", letter.Id);
        command.Parameters.AddWithValue("error", Printable(exception.Message)!);
        command.Parameters.AddWithValue("exception", Printable(exception.ToString())!);
        command.Parameters.AddWithValue("pause", pause);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Letters by id, oldest first.</summary>
    public async Task<IReadOnlyList<DeadLetter>> List(DeadLetterFilter filter, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            select {Columns} from ese.dead_letters d
            where id > @after and {Matches} {(filter.Open ? IsOpen : "")}
            order by id limit @limit
            """);
        command.Parameters.AddWithValue("after", filter.After);
        command.Parameters.AddWithValue("limit", limit);
        AddParameters(command, filter);
        return await Read(command, cancellationToken);
    }

    /// <summary>What the letters have in common, by reason, event type and failure; the most first.</summary>
    public async Task<IReadOnlyList<DeadLetterGroup>> Groups(bool open, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            select reason, type, exception, error, count(*), min(dead_at), max(dead_at), min(id)
            from (select id, reason, type, dead_at, nullif(split_part(split_part(exception, E'\n', 1), ':', 1), '') as exception, {FirstLine} as error
                  from ese.dead_letters d where true {(open ? IsOpen : "")}) letters
            group by reason, type, exception, error
            order by count(*) desc, min(id) limit @limit
            """);
        command.Parameters.AddWithValue("limit", limit);
        var groups = new List<DeadLetterGroup>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            groups.Add(new DeadLetterGroup(
                Enum.Parse<DeadLetterReason>(reader.GetString(0)), await TextIn(reader, 1, cancellationToken), await TextIn(reader, 2, cancellationToken),
                reader.GetString(3), reader.GetInt64(4), reader.GetFieldValue<DateTimeOffset>(5), reader.GetFieldValue<DateTimeOffset>(6), reader.GetInt64(7)));
        return groups;
    }

    /// <summary>How many are open.</summary>
    public async Task<long> CountOpen(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select count(*) from ese.dead_letters where open");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// Letters that wait for nothing any more, the first of each key: those of a version that is known now, and those behind a letter that was
    /// closed by somebody who did not continue.
    /// </summary>
    /// <param name="known">The event types this build knows.</param>
    /// <param name="grace">Whoever has closed a letter of the key no longer ago continues with the key himself.</param>
    public async Task<IReadOnlyList<DeadLetter>> Free(string topic, IReadOnlyCollection<string> known, TimeSpan grace, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            select {Columns} from ese.dead_letters d
            where open and topic = @topic and coalesce(next_at <= now(), true) and (reason = 'Behind' or (reason = 'UnknownVersion' and type = any (@types)))
              and (key = '' or (not exists (
                  select from ese.dead_letters earlier
                  where earlier.open and earlier.topic = d.topic and earlier.key = d.key and earlier."offset" < d."offset")
              and not exists (
                  select from ese.retries earlier
                  where earlier.topic = d.topic and earlier.key = d.key and earlier."offset" < d."offset")
              and not exists (
                  select from ese.dead_letters closed
                  where not closed.open and closed.topic = d.topic and closed.key = d.key and greatest(closed.redriven_at, closed.discarded_at) > now() - @grace)))
            order by id limit 500
            """);
        command.Parameters.AddWithValue("topic", topic);
        command.Parameters.AddWithValue("grace", grace);
        command.Parameters.AddWithValue("types", known.ToArray());
        return await Read(command, cancellationToken);
    }

    /// <summary>Whether a letter could be tried again at once: what came of the last time was nobody's fault.</summary>
    public async Task<bool> IsStillFree(long id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select exists (select from ese.dead_letters where id = @id and open and reason in ('Behind', 'UnknownVersion') and coalesce(next_at <= now(), true))");
        command.Parameters.AddWithValue("id", id);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The open letters of a key in the order the records came.</summary>
    public async Task<IReadOnlyList<DeadLetter>> OfKey(string topic, string key, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""select {Columns} from ese.dead_letters where topic = @topic and key = @key and open order by "offset", id limit @limit""");
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

    internal static void AddParameters(NpgsqlCommand command, DeadLetterFilter filter)
    {
        command.Parameters.Add(Text("topic", filter.Topic));
        command.Parameters.Add(Text("key", filter.Key));
        command.Parameters.Add(Text("type", filter.Type));
        command.Parameters.Add(Text("reason", filter.Reason?.ToString()));
    }

    private static async Task<IReadOnlyList<DeadLetter>> Read(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var letters = new List<DeadLetter>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            letters.Add(new DeadLetter(
                reader.GetInt64(0), reader.GetString(1), reader.GetInt32(2), reader.GetInt64(3), reader.GetString(4),
                await TextIn(reader, 5, cancellationToken),
                await reader.IsDBNullAsync(6, cancellationToken) ? null : reader.GetGuid(6),
                Enum.Parse<DeadLetterReason>(reader.GetString(7)), reader.GetString(8),
                await TextIn(reader, 9, cancellationToken),
                reader.GetInt32(10), reader.GetFieldValue<byte[]>(11), reader.GetFieldValue<DateTimeOffset>(12),
                await TimeIn(reader, 13, cancellationToken), await TimeIn(reader, 14, cancellationToken),
                await TextIn(reader, 15, cancellationToken), await TextIn(reader, 16, cancellationToken)));
        return letters;
    }

    private static async Task<string?> TextIn(NpgsqlDataReader reader, int column, CancellationToken cancellationToken) =>
        await reader.IsDBNullAsync(column, cancellationToken) ? null : reader.GetString(column);

    private static async Task<DateTimeOffset?> TimeIn(NpgsqlDataReader reader, int column, CancellationToken cancellationToken) =>
        await reader.IsDBNullAsync(column, cancellationToken) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    private static NpgsqlParameter Text(string name, string? value) => new(name, NpgsqlDbType.Text) { Value = (object?)value ?? DBNull.Value };

    // PostgreSQL's text has no NUL, and poison may carry one into a message.
    internal static string? Printable(string? text) => text?.Replace("\0", "\\0", StringComparison.Ordinal);
}
