using Microsoft.Extensions.Logging;
using Npgsql;

namespace EseErp.Messaging.Postgres;

/// <summary>
/// Publishes an event log to the embedded broker. A batch of records and the position they bring the log to are one transaction in the broker's
/// database: what is there already is not written again, and whoever still believes to be at an older position writes nothing.
/// </summary>
/// <remarks>
/// The service's database has the position too, noted now and then, never ahead. It counts when that database was restored from an older copy:
/// then the log has another event, or none, where the broker says it was published to.
/// </remarks>
internal sealed partial class PostgresLogPublisher : ILogPublisher
{
    private static readonly TimeSpan NoteInterval = TimeSpan.FromSeconds(1);

    private readonly PostgresBroker _broker;
    private readonly string _producer;
    private readonly IPublishedPosition _position;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _noting;
    private long _acknowledged;
    private long _noted;

    private PostgresLogPublisher(PostgresBroker broker, string producer, IPublishedPosition position, long acknowledged, long noted, ILogger log)
    {
        (_broker, _producer, _position, _acknowledged, _noted, _log) = (broker, producer, position, acknowledged, noted, log);
        _noting = Task.Run(Note);
    }

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public static async Task<PostgresLogPublisher> Open(
        PostgresBroker broker, string producer, IPublishedPosition position, ILogger log, CancellationToken cancellationToken)
    {
        var noted = await position.Read(cancellationToken);
        var (published, eventId) = await Read(broker, producer, cancellationToken);
        if (published is null)
        {
            published = await Place(broker, producer, null, noted, cancellationToken);
        }
        else if (eventId is { } id && !await position.Holds(published.Value, id, cancellationToken))
        {
            LogRestored(log, producer, published.Value, noted);
            published = await Place(broker, producer, published, Math.Min(noted, published.Value), cancellationToken);
        }

        return new PostgresLogPublisher(broker, producer, position, published.Value, noted, log);
    }

    public async Task Publish(IReadOnlyList<LoggedRecord> records, CancellationToken cancellationToken)
    {
        if (records.Count == 0) return;
        if (!await Publish(_broker, _producer, Acknowledged, records, cancellationToken)) throw new PublisherReplacedException(_producer);
        Interlocked.Exchange(ref _acknowledged, records[^1].Position);
    }

    /// <summary>Publishes the log of nobody, which the broker refuses before it locks or writes anything.</summary>
    public static Task Rehearse(PostgresBroker broker, string topic, CancellationToken cancellationToken) =>
        Publish(broker, "nobody", -1, [new LoggedRecord(0, Guid.Empty, topic, "rehearsal", [])], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _noting;
        _stop.Dispose();
    }

    // False when the log is published to another place than that.
    private static async Task<bool> Publish(
        PostgresBroker broker, string producer, long after, IReadOnlyList<LoggedRecord> records, CancellationToken cancellationToken)
    {
        var (topics, partitions) = (new int[records.Count], new int[records.Count]);
        for (var index = 0; index < records.Count; index++)
        {
            BrokerLimits.Check(records[index].Key, records[index].Value);
            var topic = await broker.Find(records[index].Topic, cancellationToken);
            (topics[index], partitions[index]) = (topic.Id, Partitioner.PartitionOf(records[index].Key, topic.Partitions));
        }

        var last = records[^1];
        await using var command = broker.Database.CreateCommand("select publish_log($1, $2, $3, $4, $5, $6, $7, $8, $9)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = producer });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = last.Position });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = last.EventId });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = topics });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = partitions });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = records.Select(record => record.Key).ToArray() });
        command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = records.Select(record => record.Value).ToArray() });
        command.Parameters.Add(new NpgsqlParameter { Value = records.Select(record => record.Kind).ToArray(), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Text });
        return (bool)(await broker.Write(command, cancellationToken))!;
    }

    private static async Task<(long? Position, Guid? EventId)> Read(PostgresBroker broker, string producer, CancellationToken cancellationToken)
    {
        await using var command = broker.Database.CreateCommand("select position, event_id from producers where name = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = producer });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (reader.GetInt64(0), await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetGuid(1))
            : (null, null);
    }

    private static async Task<long> Place(PostgresBroker broker, string producer, long? from, long to, CancellationToken cancellationToken)
    {
        await using var command = broker.Database.CreateCommand("select place_producer($1, $2, $3)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = producer });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)from ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = to });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task Note()
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(NoteInterval, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Acknowledged is var acknowledged && acknowledged == _noted) continue;
            try
            {
                using var limit = new CancellationTokenSource(NoteInterval * 3);
                await _position.Move(_noted, acknowledged, limit.Token);
                _noted = acknowledged;
            }
            catch (PublisherReplacedException)
            {
                // Another process has moved it, or the answer to the last move was lost. What is published, the broker's own position guards.
                await NoteAgain();
            }
            catch (Exception exception)
            {
                LogNotNoted(_producer, exception.Message);
            }
        }
    }

    private async Task NoteAgain()
    {
        try
        {
            using var limit = new CancellationTokenSource(NoteInterval * 3);
            _noted = await _position.Read(limit.Token);
        }
        catch (Exception exception)
        {
            LogNotNoted(_producer, exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The log of {Producer} does not have the event that was published at {Position}: its database was restored. What follows {Noted} is published again")]
    private static partial void LogRestored(ILogger log, string producer, long position, long noted);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The published position of {Producer} could not be stored: {Reason}")]
    private partial void LogNotNoted(string producer, string reason);
}
