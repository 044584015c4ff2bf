using EseErp.Messaging;
using EseErp.Messaging.Postgres;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>The embedded broker; the twin writes to and reads from its tables by plain SQL.</summary>
internal sealed class PostgresEngine(Servers servers) : IEngine
{
    private readonly PostgresBroker _broker = new(NpgsqlDataSource.Create(servers.Broker), NullLoggerFactory.Instance);
    private readonly NpgsqlDataSource _owner = NpgsqlDataSource.Create(servers.BrokerOwner);

    public string Name => "postgres";

    public void Configure(IConfiguration configuration)
    {
        configuration["Ese:Broker"] = Name;
        configuration["ConnectionStrings:Broker"] = servers.Broker;
    }

    public Task CreateTopic(string topic, CancellationToken cancellationToken) => _broker.CreateTopics([topic], Setting.Partitions, cancellationToken);

    public async Task Fill(string topic, IReadOnlyList<OutgoingRecord> records, CancellationToken cancellationToken)
    {
        foreach (var batch in records.Chunk(2000)) await _broker.Publish(topic, batch, cancellationToken);
    }

    public async Task<IRawPublisher> OpenPublisher(string topic, CancellationToken cancellationToken) =>
        new Publisher(await _owner.OpenConnectionAsync(cancellationToken), await Find(topic, cancellationToken));

    public async Task<IRawReader> OpenReader(string group, string topic, IReadOnlyList<int> partitions, int batchSize, CancellationToken cancellationToken)
    {
        var reader = new Reader(await _owner.OpenConnectionAsync(cancellationToken), group, await Find(topic, cancellationToken), partitions, batchSize);
        await reader.Prepare(cancellationToken);
        return reader;
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _owner.DisposeAsync();
    }

    private async Task<int> Find(string topic, CancellationToken cancellationToken)
    {
        await using var command = _owner.CreateCommand("select id from topics where name = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>One insert a batch, of values whose places the twin has counted out itself: it is alone on its topic.</summary>
    private sealed class Publisher(NpgsqlConnection connection, int topicId) : IRawPublisher
    {
        private readonly long[] _next = new long[Setting.Partitions];
        private readonly int _segment = (int)(DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 86400);
        private bool _prepared;

        private readonly NpgsqlCommand _insert = new(
            """
            insert into records (segment, topic_id, partition, "offset", key, value, time)
            select $1, $2, r.partition, r."offset", r.key, r.value, now() from unnest($3, $4, $5, $6) as r(partition, "offset", key, value)
            """, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<int>(), new NpgsqlParameter<int>(), new NpgsqlParameter<int[]>(), new NpgsqlParameter<long[]>(),
                new NpgsqlParameter<string[]>(), new NpgsqlParameter<byte[][]>(),
            },
        };

        public async Task Publish(List<(string Key, byte[] Value)> batch, CancellationToken cancellationToken)
        {
            var (partitions, offsets, keys, values) = (new int[batch.Count], new long[batch.Count], new string[batch.Count], new byte[batch.Count][]);
            for (var i = 0; i < batch.Count; i++)
            {
                partitions[i] = Partitioner.PartitionOf(batch[i].Key, Setting.Partitions);
                offsets[i] = _next[partitions[i]]++;
                (keys[i], values[i]) = batch[i];
            }

            ((NpgsqlParameter<int>)_insert.Parameters[0]).TypedValue = _segment;
            ((NpgsqlParameter<int>)_insert.Parameters[1]).TypedValue = topicId;
            ((NpgsqlParameter<int[]>)_insert.Parameters[2]).TypedValue = partitions;
            ((NpgsqlParameter<long[]>)_insert.Parameters[3]).TypedValue = offsets;
            ((NpgsqlParameter<string[]>)_insert.Parameters[4]).TypedValue = keys;
            ((NpgsqlParameter<byte[][]>)_insert.Parameters[5]).TypedValue = values;
            if (!_prepared) await _insert.PrepareAsync(cancellationToken);
            _prepared = true;
            await _insert.ExecuteNonQueryAsync(cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await _insert.DisposeAsync();
            await connection.DisposeAsync();
        }
    }

    private sealed class Reader(NpgsqlConnection connection, string group, int topicId, IReadOnlyList<int> partitions, int batchSize) : IRawReader
    {
        private readonly long[] _next = new long[partitions.Count];
        private readonly int[] _partitions = [.. partitions];

        private readonly NpgsqlCommand _read = new(
            """
            select r.partition, r."offset", r.value
            from unnest($1, $2) as f(partition, next_offset)
            cross join lateral (
                select * from records where topic_id = $3 and partition = f.partition and "offset" >= f.next_offset order by "offset" limit $4) r
            """, connection)
        {
            Parameters = { new NpgsqlParameter<int[]>(), new NpgsqlParameter<long[]>(), new NpgsqlParameter<int>(), new NpgsqlParameter<int>() },
        };

        private readonly NpgsqlCommand _commit = new(
            """
            insert into group_offsets (consumer_group, topic_id, partition, next_offset, last_seen)
            select $1, $2, e.partition, e.next_offset, now() from unnest($3, $4) as e(partition, next_offset)
            on conflict (consumer_group, topic_id, partition) do update set next_offset = excluded.next_offset, last_seen = excluded.last_seen
            """, connection)
        {
            Parameters = { new NpgsqlParameter<string>(), new NpgsqlParameter<int>(), new NpgsqlParameter<int[]>(), new NpgsqlParameter<long[]>() },
        };

        public async Task Prepare(CancellationToken cancellationToken)
        {
            ((NpgsqlParameter<int[]>)_read.Parameters[0]).TypedValue = _partitions;
            ((NpgsqlParameter<long[]>)_read.Parameters[1]).TypedValue = _next;
            ((NpgsqlParameter<int>)_read.Parameters[2]).TypedValue = topicId;
            ((NpgsqlParameter<int>)_read.Parameters[3]).TypedValue = Math.Max(1, batchSize / _partitions.Length);
            ((NpgsqlParameter<string>)_commit.Parameters[0]).TypedValue = group;
            ((NpgsqlParameter<int>)_commit.Parameters[1]).TypedValue = topicId;
            ((NpgsqlParameter<int[]>)_commit.Parameters[2]).TypedValue = _partitions;
            ((NpgsqlParameter<long[]>)_commit.Parameters[3]).TypedValue = _next;
            await _read.PrepareAsync(cancellationToken);
            await _commit.PrepareAsync(cancellationToken);
        }

        public async Task<List<byte[]>> Read(CancellationToken cancellationToken)
        {
            var values = new List<byte[]>(batchSize);
            await using var reader = await _read.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                _next[Array.IndexOf(_partitions, reader.GetInt32(0))] = reader.GetInt64(1) + 1;
                values.Add(reader.GetFieldValue<byte[]>(2));
            }

            return values;
        }

        public Task Commit(CancellationToken cancellationToken) => _commit.ExecuteNonQueryAsync(cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await _read.DisposeAsync();
            await _commit.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
