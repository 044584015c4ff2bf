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
        await Publisher.Open(await _owner.OpenConnectionAsync(cancellationToken), topic, await Find(topic, cancellationToken), cancellationToken);

    public async Task<IRawReader> OpenReader(string group, string topic, IReadOnlyList<int> partitions, int batchSize, CancellationToken cancellationToken)
    {
        var reader = new Reader(await _owner.OpenConnectionAsync(cancellationToken), topic, await Find(topic, cancellationToken), partitions, batchSize);
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

    /// <summary>
    /// One insert a batch, of values whose places the twin has counted out itself, as it is alone on its topic; and in the same statement how far
    /// the log is published, as <c>publish_log</c> notes it.
    /// </summary>
    private sealed class Publisher(NpgsqlConnection connection, string topic, int topicId) : IRawPublisher
    {
        private readonly long[] _next = new long[Setting.Partitions];
        private readonly int _segment = (int)(DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 86400);
        private bool _prepared;

        private readonly NpgsqlCommand _insert = new(
            """
            with moved as (update producers set position = $7, event_id = $8, updated_at = now() where name = $9)
            insert into records (segment, topic_id, partition, "offset", key, value, time)
            select $1, $2, r.partition, r."offset", r.key, r.value, now() from unnest($3, $4, $5, $6) as r(partition, "offset", key, value)
            """, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<int>(), new NpgsqlParameter<int>(), new NpgsqlParameter<int[]>(), new NpgsqlParameter<long[]>(),
                new NpgsqlParameter<string[]>(), new NpgsqlParameter<byte[][]>(), new NpgsqlParameter<long>(), new NpgsqlParameter<Guid>(),
                new NpgsqlParameter<string> { TypedValue = topic },
            },
        };

        public static async Task<Publisher> Open(NpgsqlConnection connection, string topic, int topicId, CancellationToken cancellationToken)
        {
            await using var place = new NpgsqlCommand("insert into producers (name, position, updated_at) values ($1, 0, now())", connection);
            place.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
            await place.ExecuteNonQueryAsync(cancellationToken);
            return new Publisher(connection, topic, topicId);
        }

        public async Task Publish(List<(string Key, byte[] Value)> batch, long position, Guid eventId, CancellationToken cancellationToken)
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
            ((NpgsqlParameter<long>)_insert.Parameters[6]).TypedValue = position;
            ((NpgsqlParameter<Guid>)_insert.Parameters[7]).TypedValue = eventId;
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

    private sealed class Reader(NpgsqlConnection connection, string topic, int topicId, IReadOnlyList<int> partitions, int batchSize) : IRawReader
    {
        private readonly long[] _next = new long[partitions.Count];
        private readonly int[] _partitions = [.. partitions];
        private readonly HashSet<int> _seen = [];

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

        public string Topic => topic;

        public IReadOnlyList<(int Partition, long Next)> Places => [.. _seen.Select(partition => (partition, _next[Array.IndexOf(_partitions, partition)]))];

        public async Task Prepare(CancellationToken cancellationToken)
        {
            ((NpgsqlParameter<int[]>)_read.Parameters[0]).TypedValue = _partitions;
            ((NpgsqlParameter<long[]>)_read.Parameters[1]).TypedValue = _next;
            ((NpgsqlParameter<int>)_read.Parameters[2]).TypedValue = topicId;
            ((NpgsqlParameter<int>)_read.Parameters[3]).TypedValue = Math.Max(1, batchSize / _partitions.Length);
            await _read.PrepareAsync(cancellationToken);
        }

        public async Task<List<byte[]>> Read(CancellationToken cancellationToken)
        {
            var values = new List<byte[]>(batchSize);
            _seen.Clear();
            await using var reader = await _read.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                _next[Array.IndexOf(_partitions, reader.GetInt32(0))] = reader.GetInt64(1) + 1;
                _seen.Add(reader.GetInt32(0));
                values.Add(reader.GetFieldValue<byte[]>(2));
            }

            return values;
        }

        public async ValueTask DisposeAsync()
        {
            await _read.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
