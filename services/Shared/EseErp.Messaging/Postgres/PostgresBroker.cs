using System.Collections.Concurrent;
using System.Diagnostics;
using EseErp.EventStore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EseErp.Messaging.Postgres;

/// <summary>The embedded broker, for one machine or a small installation: a log per topic partition in PostgreSQL.</summary>
public sealed class PostgresBroker(NpgsqlDataSource database, ILoggerFactory logs) : IBroker, IAsyncDisposable
{
    internal sealed record Topic(int Id, string Name, int Partitions);

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Topic> _topics = new();

    internal NpgsqlDataSource Database => database;

    internal HeardEnds Heard { get; } = new();

    public async Task CreateTopics(IReadOnlyCollection<string> topics, int partitions, CancellationToken cancellationToken)
    {
        await OwnSessions.Require(database, "ConnectionStrings:Broker", cancellationToken);
        foreach (var topic in topics)
        {
            await using var command = database.CreateCommand("select create_topic(@name, @partitions)");
            command.Parameters.AddWithValue("name", topic);
            command.Parameters.AddWithValue("partitions", partitions);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public async Task Publish(string topic, IReadOnlyList<OutgoingRecord> records, CancellationToken cancellationToken)
    {
        if (records.Count == 0) return;
        foreach (var record in records) BrokerLimits.Check(record.Key, record.Value);
        var target = await Find(topic, cancellationToken);
        await using var command = database.CreateCommand("select publish($1, $2, $3, $4)");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = target.Id });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = records.Select(record => Partitioner.PartitionOf(record.Key, target.Partitions)).ToArray() });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = records.Select(record => record.Key).ToArray() });
        command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = records.Select(record => record.Value).ToArray() });
        await Write(command, cancellationToken);
    }

    public async Task<ILogPublisher> OpenPublisher(string producer, IPublishedPosition position, CancellationToken cancellationToken) =>
        await PostgresLogPublisher.Open(this, producer, position, logs.CreateLogger<PostgresLogPublisher>(), cancellationToken);

    public Task RehearsePublishing(string topic, CancellationToken cancellationToken) =>
        PostgresLogPublisher.Rehearse(this, topic, cancellationToken);

    public async Task<IGroupConsumer> Join(
        string group, IReadOnlyCollection<string> topics, ConsumeOptions options, IGroupOffsets offsets, CancellationToken cancellationToken)
    {
        var found = new List<Topic>();
        foreach (var topic in topics) found.Add(await Find(topic, cancellationToken));
        return new PostgresGroupConsumer(this, group, found, options, offsets, logs.CreateLogger<PostgresGroupConsumer>());
    }

    public async Task<IReadOnlyList<PartitionEnds>> Ends(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        try
        {
            // A server that has fallen silent keeps whoever gives up waiting as well.
            await LookUpEnds(topics, cancellationToken).WaitAsync(AnswerLimit, cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            // What was heard before has to do.
        }

        return HeardOf(topics);
    }

    public async Task<IReadOnlyList<PartitionEnds>> EndsNow(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        var found = new List<Topic>();
        foreach (var topic in topics) found.Add(await Find(topic, cancellationToken));
        await LookUpEnds(found, cancellationToken);
        return HeardOf(topics);
    }

    public async Task<IReadOnlyDictionary<string, int>> Partitions(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        var partitions = new Dictionary<string, int>();
        foreach (var topic in topics) partitions[topic] = (await Find(topic, cancellationToken)).Partitions;
        return partitions;
    }

    private List<PartitionEnds> HeardOf(IEnumerable<string> topics) =>
        topics.Select(name => _topics.GetValueOrDefault(name)).OfType<Topic>()
            .SelectMany(topic => Enumerable.Range(0, topic.Partitions).Select(partition => (topic, partition, Ends: Heard.Of(topic.Id, partition))))
            .Where(place => place.Ends is not null)
            .Select(place => new PartitionEnds(place.topic.Name, place.partition, place.Ends!.Value.Oldest, place.Ends.Value.Next, place.Ends.Value.At))
            .ToList();

    public async Task<bool> HasMembers(string group, CancellationToken cancellationToken)
    {
        await using var members = database.CreateCommand(PostgresGroupConsumer.CountMembersSql(group));
        return (long)(await members.ExecuteScalarAsync(cancellationToken))! > 0;
    }

    public Task Ping(CancellationToken cancellationToken) => ServiceDatabase.TryWriting(database, cancellationToken);

    public async Task NoteOffsets(string group, IReadOnlyCollection<OffsetMove> offsets, CancellationToken cancellationToken)
    {
        var known = offsets.Where(offset => _topics.ContainsKey(offset.Topic)).ToList();
        await using var command = database.CreateCommand(
            """
            insert into group_offsets (consumer_group, topic_id, partition, next_offset, last_seen)
            select $1, o.topic_id, o.partition, o.next_offset, now() from unnest($2, $3, $4) as o(topic_id, partition, next_offset)
            order by o.topic_id, o.partition
            on conflict (consumer_group, topic_id, partition) do update set next_offset = excluded.next_offset, last_seen = excluded.last_seen
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = group });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = known.Select(offset => _topics[offset.Topic].Id).ToArray() });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = known.Select(offset => offset.Partition).ToArray() });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = known.Select(offset => offset.To).ToArray() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task ApplyRetention(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select apply_retention()");
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<bool> HoldsRecordsBefore(DateTimeOffset time, IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            select exists (
                select from topics t
                join heads h on h.topic_id = t.id
                cross join lateral (
                    select r.time from records r where r.topic_id = h.topic_id and r.partition = h.partition order by r."offset" limit 1) oldest
                where t.name = any (@topics) and oldest.time < @time)
            """);
        command.Parameters.AddWithValue("topics", topics.ToArray());
        command.Parameters.AddWithValue("time", time.UtcDateTime);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    internal async Task<Topic> Find(string name, CancellationToken cancellationToken)
    {
        if (_topics.TryGetValue(name, out var known)) return known;
        await using var command = database.CreateCommand("select id, partitions from topics where name = @name");
        command.Parameters.AddWithValue("name", name);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) throw new InvalidOperationException($"Topic {name} does not exist.");
        return _topics[name] = new Topic(reader.GetInt32(0), name, reader.GetInt32(1));
    }

    /// <summary>
    /// Executes what writes records. Where a topic is gone, because a standby has taken over that had not heard of it, the topics that this
    /// process knows are put back before the failure is thrown; who tries again succeeds.
    /// </summary>
    internal async Task<object?> Write(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return await command.ExecuteScalarAsync(cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == "ESE03")
        {
            foreach (var topic in _topics.Values)
            {
                await using var restore = database.CreateCommand("select restore_topic($1, $2, $3)");
                restore.Parameters.Add(new NpgsqlParameter<int> { TypedValue = topic.Id });
                restore.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic.Name });
                restore.Parameters.Add(new NpgsqlParameter<int> { TypedValue = topic.Partitions });
                await restore.ExecuteNonQueryAsync(cancellationToken);
            }

            // Another process may have made one anew in the meantime, under another id.
            _topics.Clear();
            throw;
        }
    }

    private async Task LookUpEnds(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        var found = new List<Topic>();
        foreach (var topic in topics) found.Add(await Find(topic, limit.Token));
        await LookUpEnds(found, limit.Token);
    }

    internal async Task LookUpEnds(IEnumerable<Topic> topics, CancellationToken cancellationToken)
    {
        var asked = Stopwatch.GetTimestamp();
        await using var command = database.CreateCommand(
            """
            select h.topic_id, h.partition, h.next_offset,
                   coalesce((select r."offset" from records r where r.topic_id = h.topic_id and r.partition = h.partition order by r."offset" limit 1), h.next_offset)
            from heads h where h.topic_id = any ($1)
            """);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = topics.Select(topic => topic.Id).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) Heard.Saw(reader.GetInt32(0), reader.GetInt32(1), reader.GetInt64(3), reader.GetInt64(2), asked);
    }
}
