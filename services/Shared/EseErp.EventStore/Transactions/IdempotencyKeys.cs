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
    /// <param name="Subject">What the request brought about; see <see cref="IdempotencyKeys.Keep"/>.</param>
    public sealed record InProgress(string? Subject) : KeyClaim;

    /// <summary>The key was used for another body.</summary>
    public sealed record OtherBody : KeyClaim;
}

/// <summary>
/// Remembers what was answered to a request with an <c>Idempotency-Key</c>, in the transaction that did the work. Keys are
/// kept for 7 days.
/// </summary>
public sealed class IdempotencyKeys(DbContext db, BatchReads reads)
{
    public const string Header = "Idempotency-Key";
    public const int MaxLength = 200;

    // Of several answers to one request the first stands.
    private const string AnswerSql =
        """
        update ese.idempotency_keys set status = $3, location = $4, body = $5
        where key = $1 and operation = $2 and (status is null or status >= 500)
        """;

    /// <summary>How long a key is remembered.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    /// <summary>
    /// Claims a key within the open transaction. While another transaction holds the same key this waits for its end: twenty
    /// requests at once with one key queue up here, and nineteen get the first one's answer. What the reads were asked for besides is read
    /// in the same round trip. Who gets <see cref="KeyClaim.Claimed"/> stores the answer or at least the key in this transaction.
    /// </summary>
    public async Task<KeyClaim> Claim(string key, IdempotentRequest request, CancellationToken cancellationToken)
    {
        var (operation, bodyHash) = request;
        KeyClaim claim = new KeyClaim.Claimed();
        reads.Add(
            "select pg_advisory_xact_lock(hashtextextended($1, 0))",
            parameters => parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{operation} {key}" }),
            (_, _) => Task.CompletedTask);
        reads.Add(
            "select body_hash, status, location, body, subject from ese.idempotency_keys where key = $1 and operation = $2",
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
                parameters.Add(new NpgsqlParameter<string> { TypedValue = operation });
            },
            async (reader, token) =>
            {
                if (!await reader.ReadAsync(token)) return;
                claim = !CanonicalJson.IsSame(reader.GetFieldValue<byte[]>(0), bodyHash) ? new KeyClaim.OtherBody()
                    : reader.IsDBNull(1) || !IsFinal(reader.GetInt32(1)) ? new KeyClaim.InProgress(reader.IsDBNull(4) ? null : reader.GetString(4))
                    : new KeyClaim.Answered(Stored(reader, 1));
            });
        await reads.Execute(cancellationToken);
        return claim;
    }

    /// <summary>Stores a claimed key with its answer when the open unit of work commits.</summary>
    public StoredAnswer Answer(string key, IdempotentRequest request, StoredAnswer answer)
    {
        Insert(key, request, null, answer);
        return answer;
    }

    /// <summary>
    /// Stores a claimed key without an answer when the open unit of work commits, for work that continues after the transaction.
    /// </summary>
    /// <param name="subject">What the request brought about; null where its path says so.</param>
    public void Keep(string key, IdempotentRequest request, string? subject) => Insert(key, request, subject, null);

    /// <summary>
    /// Stores the answer of a key that was kept when the open unit of work commits. An answer that does not stand is given and not stored.
    /// Only for the one who works on the request: others use <see cref="AnswerLater"/>.
    /// </summary>
    public StoredAnswer AnswerKept(string key, IdempotentRequest request, StoredAnswer answer)
    {
        if (IsFinal(answer.Status))
            PendingWrites.Of(db).Add(AnswerSql, parameters => AddAnswer(parameters, key, request.Operation, answer));
        return answer;
    }

    /// <summary>
    /// Whether an answer stands. What a team's absence led to does not: the same request continues where it stopped, and is
    /// answered then. Earlier versions of EseErp kept such answers too.
    /// </summary>
    public static bool IsFinal(int status) => status < 500;

    /// <summary>
    /// Stores the answer of work that went on after the transaction. Of several that worked on the same request the first
    /// to store its answer gives it for all. An answer that does not stand is given and not stored.
    /// </summary>
    /// <returns>The answer to give.</returns>
    public async Task<StoredAnswer> AnswerLater(string key, IdempotentRequest request, StoredAnswer answer, CancellationToken cancellationToken)
    {
        if (!IsFinal(answer.Status)) return answer;
        var operation = request.Operation;
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var update = await db.Command(AnswerSql, cancellationToken);
            AddAnswer(update.Parameters, key, operation, answer);
            if (await update.ExecuteNonQueryAsync(cancellationToken) == 1) return answer;

            await using var select = await db.Command("select status, location, body from ese.idempotency_keys where key = @key and operation = @operation", cancellationToken);
            AddKey(select, key, operation);
            await using var reader = await select.ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken) ? Stored(reader, 0) : answer;
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private void Insert(string key, IdempotentRequest request, string? subject, StoredAnswer? answer)
    {
        var (operation, bodyHash) = request;
        PendingWrites.Of(db).Add(
            """
            insert into ese.idempotency_keys (key, operation, body_hash, subject, status, location, body, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, now())
            """,
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
                parameters.Add(new NpgsqlParameter<string> { TypedValue = operation });
                parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = bodyHash });
                parameters.Add(Text(subject));
                parameters.Add(new NpgsqlParameter { Value = (object?)answer?.Status ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
                parameters.Add(Text(answer?.Location));
                parameters.Add(Text(answer?.Body));
            });
    }

    private static void AddAnswer(NpgsqlParameterCollection parameters, string key, string operation, StoredAnswer answer)
    {
        parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = operation });
        parameters.Add(new NpgsqlParameter<int> { TypedValue = answer.Status });
        parameters.Add(Text(answer.Location));
        parameters.Add(Text(answer.Body));
    }

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static StoredAnswer Stored(NpgsqlDataReader reader, int column) => new(
        reader.GetInt32(column),
        reader.IsDBNull(column + 1) ? null : reader.GetString(column + 1),
        reader.IsDBNull(column + 2) ? null : reader.GetString(column + 2));

    private static void AddKey(NpgsqlCommand command, string key, string operation)
    {
        command.Parameters.AddWithValue("key", key);
        command.Parameters.AddWithValue("operation", operation);
    }
}
