using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.EventStore;

/// <summary>An answer as it was given.</summary>
/// <param name="Body">The exact JSON text; null for none.</param>
public sealed record StoredAnswer(int Status, string? Location, string? Body);

/// <summary>What is known of an idempotency key.</summary>
public abstract record KeyClaim
{
    private KeyClaim()
    {
    }

    /// <summary>The key is new and now belongs to the current transaction.</summary>
    public sealed record Claimed : KeyClaim;

    /// <summary>The same request was answered before.</summary>
    public sealed record Answered(StoredAnswer Answer) : KeyClaim;

    /// <summary>The same request was accepted before and its answer is still being worked on.</summary>
    /// <param name="Subject">What the request brought about; see <see cref="IdempotencyKeys.Name"/>.</param>
    public sealed record InProgress(string? Subject) : KeyClaim;

    /// <summary>The key was used for another body.</summary>
    public sealed record OtherBody : KeyClaim;
}

/// <summary>
/// Remembers what was answered to a request with an <c>Idempotency-Key</c>, in the transaction that did the work. Keys are
/// kept for 7 days.
/// </summary>
public sealed class IdempotencyKeys(DbContext db, TimeProvider clock)
{
    public const string Header = "Idempotency-Key";
    public const int MaxLength = 200;

    /// <summary>How long a key is remembered.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    /// <summary>
    /// Claims a key within the open transaction. While another transaction holds the same key this waits for its end: twenty
    /// requests at once with one key queue up here, and nineteen get the first one's answer.
    /// </summary>
    public async Task<KeyClaim> Claim(string key, string operation, byte[] bodyHash, CancellationToken cancellationToken)
    {
        await using (var insert = await db.Command(
            """
            insert into ese.idempotency_keys (key, operation, body_hash, created_at) values (@key, @operation, @hash, @now)
            on conflict do nothing
            """, cancellationToken))
        {
            AddKey(insert, key, operation);
            insert.Parameters.AddWithValue("hash", bodyHash);
            insert.Parameters.Add(new NpgsqlParameter("now", NpgsqlDbType.TimestampTz) { Value = clock.GetUtcNow().UtcDateTime });
            if (await insert.ExecuteNonQueryAsync(cancellationToken) == 1) return new KeyClaim.Claimed();
        }

        await using var select = await db.Command("select body_hash, status, location, body, subject from ese.idempotency_keys where key = @key and operation = @operation", cancellationToken);
        AddKey(select, key, operation);
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        // Pruned between the two statements: the next attempt claims it.
        if (!await reader.ReadAsync(cancellationToken)) throw new VersionConflictException();
        if (!reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(bodyHash)) return new KeyClaim.OtherBody();
        if (await reader.IsDBNullAsync(1, cancellationToken)) return new KeyClaim.InProgress(await reader.IsDBNullAsync(4, cancellationToken) ? null : reader.GetString(4));
        return new KeyClaim.Answered(await Stored(reader, 1, cancellationToken));
    }

    /// <summary>Notes what a claimed key brought about, for work that goes on after the transaction.</summary>
    public async Task Name(string key, string operation, string subject, CancellationToken cancellationToken)
    {
        await using var update = await db.Command("update ese.idempotency_keys set subject = @subject where key = @key and operation = @operation", cancellationToken);
        AddKey(update, key, operation);
        update.Parameters.AddWithValue("subject", subject);
        await update.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Stores the answer, within the open transaction if there is one. Of several that worked on the same request the first
    /// to store its answer gives it for all.
    /// </summary>
    /// <returns>The answer to give.</returns>
    public async Task<StoredAnswer> Answer(string key, string operation, StoredAnswer answer, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var update = await db.Command(
                """
                update ese.idempotency_keys set status = @status, location = @location, body = @body
                where key = @key and operation = @operation and status is null
                """, cancellationToken);
            AddKey(update, key, operation);
            update.Parameters.AddWithValue("status", answer.Status);
            update.Parameters.Add(new NpgsqlParameter("location", NpgsqlDbType.Text) { Value = (object?)answer.Location ?? DBNull.Value });
            update.Parameters.Add(new NpgsqlParameter("body", NpgsqlDbType.Text) { Value = (object?)answer.Body ?? DBNull.Value });
            if (await update.ExecuteNonQueryAsync(cancellationToken) == 1) return answer;

            await using var select = await db.Command("select status, location, body from ese.idempotency_keys where key = @key and operation = @operation", cancellationToken);
            AddKey(select, key, operation);
            await using var reader = await select.ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken) ? await Stored(reader, 0, cancellationToken) : answer;
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>A hash of what a request says, whatever its spacing.</summary>
    public static byte[] Hash(object? body, JsonSerializerOptions options) =>
        body is null ? [] : SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), options));

    private static async Task<StoredAnswer> Stored(NpgsqlDataReader reader, int column, CancellationToken cancellationToken) => new(
        reader.GetInt32(column),
        await reader.IsDBNullAsync(column + 1, cancellationToken) ? null : reader.GetString(column + 1),
        await reader.IsDBNullAsync(column + 2, cancellationToken) ? null : reader.GetString(column + 2));

    private static void AddKey(NpgsqlCommand command, string key, string operation)
    {
        command.Parameters.AddWithValue("key", key);
        command.Parameters.AddWithValue("operation", operation);
    }
}
