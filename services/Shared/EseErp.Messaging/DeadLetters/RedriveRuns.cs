using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EseErp.Messaging;

/// <summary>A re-drive of many letters, as far as it is.</summary>
/// <param name="Letters">How many were open that it was asked for.</param>
/// <param name="FinishedAt">Null while it continues.</param>
internal sealed record RedriveRun(
    long Id, DeadLetterFilter Filter, long LastLetter, long Letters, long Redriven, long Failed, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt);

/// <summary>
/// Re-drives of many letters, in the service's own database. One replica drives a run and says so for ten seconds at a time; if it falls
/// silent, another continues. Should both drive it for a moment, nothing is applied or counted twice: a letter is taken once, and counted in
/// the transaction that takes it.
/// </summary>
internal sealed class RedriveRuns(NpgsqlDataSource database)
{
    private const int MostFailuresShown = 500;
    private const int PageSize = 100;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private const string Columns =
        """
        r.id, r.topic, r.key, r.type, r.reason, r.last_letter, r.letters, r.redriven,
        (select count(*) from ese.redrive_failures f where f.redrive_id = r.id), r.requested_at, r.finished_at
        """;

    /// <summary>Writes down what is asked for: the letters that match and are open now.</summary>
    public async Task<long> Request(DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            insert into ese.redrives (topic, key, type, reason, last_letter, letters, finished_at)
            select @topic, @key, @type, @reason, coalesce(max(d.id), 0), count(*), case when count(*) = 0 then now() end from ese.dead_letters d where d.open and {DeadLetters.Matches}
            returning id
            """);
        DeadLetters.AddParameters(command, filter);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task<RedriveRun?> Find(long id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select {Columns} from ese.redrives r where id = @id");
        command.Parameters.AddWithValue("id", id);
        return (await Read(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>The latest first.</summary>
    public async Task<IReadOnlyList<RedriveRun>> List(long before, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select {Columns} from ese.redrives r where id < @before order by id desc limit @limit");
        command.Parameters.AddWithValue("before", before);
        command.Parameters.AddWithValue("limit", limit);
        return await Read(command, cancellationToken);
    }

    /// <summary>The letters that failed again, and so hold up their keys.</summary>
    public async Task<IReadOnlyList<RedriveFailure>> Failures(long id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select letter_id, topic, key, error from ese.redrive_failures where redrive_id = @id order by letter_id limit @limit");
        command.Parameters.AddWithValue("id", id);
        command.Parameters.AddWithValue("limit", MostFailuresShown);
        var failures = new List<RedriveFailure>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            failures.Add(new RedriveFailure(reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)));
        return failures;
    }

    /// <summary>The oldest run that is to be driven and that no other replica drives; this one drives it then.</summary>
    public async Task<RedriveRun?> Claim(Guid driver, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            with claimed as (
                update ese.redrives set driver = @driver, driven_until = clock_timestamp() + @lease
                where id = (select id from ese.redrives where finished_at is null and (driven_until < clock_timestamp() or driver = @driver) order by id limit 1 for update skip locked)
                returning *)
            select {Columns} from claimed r
            """);
        command.Parameters.AddWithValue("driver", driver);
        command.Parameters.AddWithValue("lease", Lease);
        return (await Read(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Says that this replica still drives the run.</summary>
    /// <returns>False when another one does.</returns>
    public async Task<bool> Renew(long id, Guid driver, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "update ese.redrives set driven_until = clock_timestamp() + @lease where id = @id and driver = @driver and finished_at is null");
        command.Parameters.AddWithValue("id", id);
        command.Parameters.AddWithValue("driver", driver);
        command.Parameters.AddWithValue("lease", Lease);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Has another replica continue it at once.</summary>
    public async Task Leave(long id, Guid driver, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("update ese.redrives set driven_until = '-infinity' where id = @id and driver = @driver");
        command.Parameters.AddWithValue("id", id);
        command.Parameters.AddWithValue("driver", driver);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The next letters of a run by id, open as of now; none when it is through.</summary>
    /// <param name="after">The last one before, so that what is left behind is not looked at again.</param>
    public async Task<IReadOnlyList<(long Id, string Topic, string Key)>> Next(RedriveRun run, long after, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            select d.id, d.topic, d.key from ese.dead_letters d
            where d.open and d.id > @after and d.id <= @last and {DeadLetters.Matches}
            order by d.id limit {PageSize}
            """);
        command.Parameters.AddWithValue("after", after);
        command.Parameters.AddWithValue("last", run.LastLetter);
        DeadLetters.AddParameters(command, run.Filter);
        return await ReadPlaces(command, cancellationToken);
    }

    /// <summary>All letters that failed in a run, with the keys that they hold up.</summary>
    public async Task<IReadOnlyList<(long Id, string Topic, string Key)>> Failed(long id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select letter_id, topic, key from ese.redrive_failures where redrive_id = @id");
        command.Parameters.AddWithValue("id", id);
        return await ReadPlaces(command, cancellationToken);
    }

    /// <summary>Counts a letter in the transaction that re-drives it.</summary>
    public static async Task Count(DbContext db, long id, CancellationToken cancellationToken)
    {
        await using var command = await db.Command("update ese.redrives set redriven = redriven + 1 where id = @id", cancellationToken);
        command.Parameters.AddWithValue("id", id);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Leaves a letter's key, unless another replica drives the run by now: that one tries it as well.</summary>
    public async Task Fail(long id, Guid driver, RedriveFailure failure, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            insert into ese.redrive_failures (redrive_id, letter_id, topic, key, error)
            select @run, @letter, @topic, @key, @error from ese.redrives where id = @run and driver = @driver
            on conflict do nothing
            """);
        command.Parameters.AddWithValue("driver", driver);
        command.Parameters.AddWithValue("run", id);
        command.Parameters.AddWithValue("letter", failure.Id);
        command.Parameters.AddWithValue("topic", failure.Topic);
        command.Parameters.AddWithValue("key", failure.Key);
        command.Parameters.AddWithValue("error", DeadLetters.Printable(failure.Error)!);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task Finish(long id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("update ese.redrives set finished_at = now() where id = @id and finished_at is null");
        command.Parameters.AddWithValue("id", id);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<(long Id, string Topic, string Key)>> ReadPlaces(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var places = new List<(long, string, string)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) places.Add((reader.GetInt64(0), reader.GetString(1), reader.GetString(2)));
        return places;
    }

    private static async Task<IReadOnlyList<RedriveRun>> Read(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var runs = new List<RedriveRun>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var texts = new string?[4];
            for (var column = 0; column < texts.Length; column++)
                texts[column] = await reader.IsDBNullAsync(column + 1, cancellationToken) ? null : reader.GetString(column + 1);
            DeadLetterReason? reason = texts[3] is { } text ? Enum.Parse<DeadLetterReason>(text) : null;
            runs.Add(new RedriveRun(
                reader.GetInt64(0), new DeadLetterFilter(0, texts[0], texts[1], texts[2], reason), reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7),
                reader.GetInt64(8), reader.GetFieldValue<DateTimeOffset>(9),
                await reader.IsDBNullAsync(10, cancellationToken) ? null : reader.GetFieldValue<DateTimeOffset>(10)));
        }

        return runs;
    }
}
