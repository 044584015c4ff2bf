using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EseErp.Messaging.Postgres;

/// <summary>The embedded broker, for one machine or a small installation: a log per topic partition in PostgreSQL.</summary>
public sealed class PostgresBroker(NpgsqlDataSource database, ILoggerFactory logs) : IBroker, IAsyncDisposable
{
    internal sealed record Topic(int Id, string Name, int Partitions);

    private readonly ConcurrentDictionary<string, Topic> _topics = new();

    internal NpgsqlDataSource Database => database;

    public async Task CreateTopics(IReadOnlyCollection<string> topics, int partitions, CancellationToken cancellationToken)
    {
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
        BrokerLimits.Check(records);
        var target = await Find(topic, cancellationToken);
        await using var command = database.CreateCommand("select publish(@topic, @partitions, @keys, @values)");
        command.Parameters.AddWithValue("topic", target.Id);
        command.Parameters.AddWithValue("partitions", records.Select(record => Partitioner.PartitionOf(record.Key, target.Partitions)).ToArray());
        command.Parameters.AddWithValue("keys", records.Select(record => record.Key).ToArray());
        command.Parameters.AddWithValue("values", records.Select(record => record.Value).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<IGroupConsumer> Join(
        string group, IReadOnlyCollection<string> topics, ConsumeOptions options, CancellationToken cancellationToken)
    {
        var found = new List<Topic>();
        foreach (var topic in topics) found.Add(await Find(topic, cancellationToken));
        return new PostgresGroupConsumer(this, group, found, options, logs.CreateLogger<PostgresGroupConsumer>());
    }

    public async Task<IReadOnlyList<GroupPosition>> Positions(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            select t.name, h.partition, greatest(g.next_offset, oldest.place), h.next_offset, g.last_seen
            from topics t
            join heads h on h.topic_id = t.id
            left join group_offsets g on g.consumer_group = @group and g.topic_id = t.id and g.partition = h.partition
            -- What was dropped is nothing the group has to read; looked up only for a group that is behind.
            cross join lateral (select case when g.next_offset = h.next_offset then g.next_offset else coalesce(
                (select r."offset" from records r where r.topic_id = h.topic_id and r.partition = h.partition order by r."offset" limit 1),
                h.next_offset) end as place) oldest
            where t.name = any (@topics)
            order by t.name, h.partition
            """);
        command.Parameters.AddWithValue("group", group);
        command.Parameters.AddWithValue("topics", topics.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var positions = new List<GroupPosition>();
        while (await reader.ReadAsync(cancellationToken))
            positions.Add(new GroupPosition(
                group, reader.GetString(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetInt64(3),
                await reader.IsDBNullAsync(4, cancellationToken) ? null : reader.GetFieldValue<DateTimeOffset>(4)));
        return positions;
    }

    public async Task SeekToBeginning(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        await using (var members = database.CreateCommand(PostgresGroupConsumer.CountMembersSql(group)))
            if ((long)(await members.ExecuteScalarAsync(cancellationToken))! > 0) throw new GroupInUseException(group);
        await using var command = database.CreateCommand(
            """
            update group_offsets set next_offset = 0, last_seen = now()
            where consumer_group = @group and topic_id in (select id from topics where name = any (@topics))
            """);
        command.Parameters.AddWithValue("group", group);
        command.Parameters.AddWithValue("topics", topics.ToArray());
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

    private async Task<Topic> Find(string name, CancellationToken cancellationToken)
    {
        if (_topics.TryGetValue(name, out var known)) return known;
        await using var command = database.CreateCommand("select id, partitions from topics where name = @name");
        command.Parameters.AddWithValue("name", name);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) throw new InvalidOperationException($"Topic {name} does not exist.");
        return _topics[name] = new Topic(reader.GetInt32(0), name, reader.GetInt32(1));
    }
}
