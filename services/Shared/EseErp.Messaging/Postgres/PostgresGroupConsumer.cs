using EseErp.EventStore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EseErp.Messaging.Postgres;

/// <summary>
/// One member of a consumer group on the embedded broker. It owns a lane by a session-level advisory lock, so that a killed
/// process frees its lanes at once; members count each other by such locks too and share the lanes evenly.
/// </summary>
internal sealed partial class PostgresGroupConsumer : IGroupConsumer
{
    private const int MemberKeys = 1_000_000;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    private sealed class Lane(int number)
    {
        public int Number { get; } = number;
        public bool Owned { get; set; }
        public bool Busy { get; set; }
        public bool Dirty { get; set; } = true;

        /// <summary>Next offset to read per topic id; null until looked up.</summary>
        public Dictionary<int, long>? Next { get; set; }
    }

    private readonly PostgresBroker _broker;
    private readonly string _group;
    private readonly Dictionary<int, PostgresBroker.Topic> _topics;
    private readonly ConsumeOptions _options;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly EventLogSignal _signal = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watch;
    private Lane[] _lanes;

    public PostgresGroupConsumer(
        PostgresBroker broker, string group, IReadOnlyCollection<PostgresBroker.Topic> topics, ConsumeOptions options, ILogger log)
    {
        (_broker, _group, _options, _log) = (broker, group, options, log);
        _topics = topics.ToDictionary(topic => topic.Id);
        _lanes = NewLanes();
        _watch = Task.Run(Watch);
    }

    public async Task<RecordBatch> Take(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var signal = _signal.Next();
            var lanes = Reserve();
            if (lanes.Count == 0)
            {
                await EventLogSignal.Wait(signal, PollInterval, cancellationToken);
                continue;
            }

            var handedOut = false;
            try
            {
                await LookUpPositions(lanes, cancellationToken);
                var records = await Read(lanes, cancellationToken);
                if (records.Count == 0) continue;
                handedOut = true;
                var withRecords = records.Select(record => record.Partition).ToHashSet();
                Free(lanes.Where(lane => !withRecords.Contains(lane.Number)));
                var busy = lanes.Where(lane => withRecords.Contains(lane.Number)).ToList();
                return new RecordBatch(records, busy.Select(lane => lane.Number).ToList(), busy);
            }
            catch
            {
                lock (_lock)
                    foreach (var lane in lanes) lane.Dirty = true;
                throw;
            }
            finally
            {
                if (!handedOut) Free(lanes);
            }
        }
    }

    public async Task Commit(RecordBatch batch, CancellationToken cancellationToken)
    {
        var lanes = (List<Lane>)batch.Token;
        var ends = batch.Records.GroupBy(record => (record.Topic, record.Partition))
            .Select(partition => (TopicId: TopicId(partition.Key.Topic), partition.Key.Partition, Next: partition.Max(record => record.Offset) + 1))
            .ToList();
        try
        {
            lock (_lock)
                foreach (var lane in lanes)
                    foreach (var end in ends.Where(end => end.Partition == lane.Number))
                        lane.Next![end.TopicId] = end.Next;

            // greatest(): a member that lost its lane meanwhile must not send the new owner back.
            await using var command = _broker.Database.CreateCommand(
                """
                insert into group_offsets as g (consumer_group, topic_id, partition, next_offset, last_seen)
                select @group, e.topic_id, e.partition, e.next_offset, now()
                from unnest(@topics, @partitions, @nexts) as e(topic_id, partition, next_offset)
                order by e.topic_id, e.partition
                on conflict (consumer_group, topic_id, partition) do update
                set next_offset = greatest(g.next_offset, excluded.next_offset), last_seen = excluded.last_seen
                """);
            command.Parameters.AddWithValue("group", _group);
            command.Parameters.AddWithValue("topics", ends.Select(end => end.TopicId).ToArray());
            command.Parameters.AddWithValue("partitions", ends.Select(end => end.Partition).ToArray());
            command.Parameters.AddWithValue("nexts", ends.Select(end => end.Next).ToArray());
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        finally
        {
            Free(lanes);
        }
    }

    public void Release(RecordBatch batch)
    {
        var lanes = (List<Lane>)batch.Token;
        lock (_lock)
            foreach (var lane in lanes) lane.Dirty = true;
        Free(lanes);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watch;
        _stop.Dispose();
    }

    private int TopicId(string name) => _topics.Values.Single(topic => topic.Name == name).Id;

    private Lane[] NewLanes() => Enumerable.Range(0, _topics.Values.Max(topic => topic.Partitions)).Select(number => new Lane(number)).ToArray();

    private List<Lane> Reserve()
    {
        lock (_lock)
        {
            // A fair share, so that the other workers of this process find lanes too.
            var share = Math.Max(1, (_lanes.Count(lane => lane.Owned) + _options.Workers - 1) / _options.Workers);
            var lanes = _lanes.Where(lane => lane is { Owned: true, Busy: false, Dirty: true }).Take(share).ToList();
            foreach (var lane in lanes) (lane.Busy, lane.Dirty) = (true, false);
            return lanes;
        }
    }

    private void Free(IEnumerable<Lane> lanes)
    {
        lock (_lock)
            foreach (var lane in lanes) lane.Busy = false;
        _signal.Set();
    }

    private async Task LookUpPositions(List<Lane> lanes, CancellationToken cancellationToken)
    {
        var unknown = lanes.Where(lane => lane.Next is null).ToList();
        if (unknown.Count == 0) return;
        await using var command = _broker.Database.CreateCommand(
            "select partition, topic_id, next_offset from group_offsets where consumer_group = @group and topic_id = any (@topics) and partition = any (@partitions)");
        command.Parameters.AddWithValue("group", _group);
        command.Parameters.AddWithValue("topics", _topics.Keys.ToArray());
        command.Parameters.AddWithValue("partitions", unknown.Select(lane => lane.Number).ToArray());
        var next = unknown.ToDictionary(
            lane => lane.Number,
            lane => _topics.Values.Where(topic => topic.Partitions > lane.Number).ToDictionary(topic => topic.Id, _ => 0L));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) next[reader.GetInt32(0)][reader.GetInt32(1)] = reader.GetInt64(2);
        foreach (var lane in unknown) lane.Next = next[lane.Number];
    }

    private async Task<List<BrokerRecord>> Read(List<Lane> lanes, CancellationToken cancellationToken)
    {
        var from = lanes.SelectMany(lane => lane.Next!.Select(next => (TopicId: next.Key, Partition: lane.Number, Offset: next.Value))).ToList();
        var perPartition = Math.Max(1, _options.BatchSize / lanes.Count);
        await using var command = _broker.Database.CreateCommand(
            """
            select f.topic_id, r.partition, r."offset", r.key, r.value
            from unnest(@topics, @partitions, @offsets) as f(topic_id, partition, next_offset)
            cross join lateral (
                select * from records
                where topic_id = f.topic_id and partition = f.partition and "offset" >= f.next_offset
                order by "offset" limit @limit) r
            """);
        command.Parameters.AddWithValue("topics", from.Select(place => place.TopicId).ToArray());
        command.Parameters.AddWithValue("partitions", from.Select(place => place.Partition).ToArray());
        command.Parameters.AddWithValue("offsets", from.Select(place => place.Offset).ToArray());
        command.Parameters.AddWithValue("limit", perPartition);

        var records = new List<BrokerRecord>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            records.Add(new BrokerRecord(
                _topics[reader.GetInt32(0)].Name, reader.GetInt32(1), reader.GetInt64(2), reader.GetString(3), reader.GetFieldValue<byte[]>(4)));

        // A partition that filled its share has probably more.
        lock (_lock)
            foreach (var full in records.GroupBy(record => (record.Topic, record.Partition)).Where(partition => partition.Count() >= perPartition))
                lanes.Single(lane => lane.Number == full.Key.Partition).Dirty = true;
        return records;
    }

    /// <summary>Holds the session that owns the lanes: listens, rebalances, and starts over when the session is lost.</summary>
    private async Task Watch()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var session = await _broker.Database.OpenConnectionAsync(_stop.Token);
                await Serve(session);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
            }
            catch (Exception exception)
            {
                LogSessionLost(_group, exception.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(500), _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
            finally
            {
                // The locks are gone with the session. Batches under way keep their old lanes; the inbox absorbs what a new
                // owner applies again.
                lock (_lock) _lanes = NewLanes();
            }
        }
    }

    private async Task Serve(NpgsqlConnection session)
    {
        session.Notification += (_, notification) => MarkDirty(notification.Payload);
        var groupKey = GroupKey(_group);
        var memberKey = Random.Shared.Next(MemberKeys, int.MaxValue);
        await Execute(session, $"listen ese_records; select pg_advisory_lock({groupKey}, {memberKey})");
        try
        {
            var lastRebalance = DateTime.MinValue;
            while (!_stop.IsCancellationRequested)
            {
                if (DateTime.UtcNow - lastRebalance >= PollInterval)
                {
                    await Rebalance(session, groupKey);
                    MarkDirty(null);
                    lastRebalance = DateTime.UtcNow;
                }

                await session.WaitAsync(PollInterval, _stop.Token);
            }
        }
        finally
        {
            // A session given back to the pool keeps its locks until someone uses it again.
            if (session.FullState == System.Data.ConnectionState.Open) await Execute(session, "select pg_advisory_unlock_all(); unlisten *");
        }
    }

    private void MarkDirty(string? payload)
    {
        // "<topic id>:<partition>,<partition>…"; without one, all.
        var parts = payload?.Split(':');
        if (parts is { Length: 2 } && !_topics.ContainsKey(int.Parse(parts[0]))) return;
        var partitions = parts is { Length: 2 } ? parts[1].Split(',').Select(int.Parse).ToHashSet() : null;
        lock (_lock)
            foreach (var lane in _lanes)
                if (partitions is null || partitions.Contains(lane.Number)) lane.Dirty = true;
        _signal.Set();
    }

    private async Task Rebalance(NpgsqlConnection session, int groupKey)
    {
        var members = Math.Max(1, (int)await Scalar(session, CountMembersSql(_group)));
        var lanes = _lanes;
        var share = (lanes.Length + members - 1) / members;
        List<Lane> surplus;
        lock (_lock)
        {
            surplus = lanes.Where(lane => lane is { Owned: true, Busy: false }).Take(Math.Max(0, lanes.Count(lane => lane.Owned) - share)).ToList();
            foreach (var lane in surplus) lane.Owned = false;
        }

        foreach (var lane in surplus) await Execute(session, $"select pg_advisory_unlock({groupKey}, {lane.Number})");

        var wanted = share - lanes.Count(lane => lane.Owned);
        if (wanted <= 0) return;
        foreach (var lane in lanes.Where(lane => !lane.Owned && !surplus.Contains(lane)).ToList())
        {
            if (await Scalar(session, $"select pg_try_advisory_lock({groupKey}, {lane.Number})::int") == 0) continue;
            lock (_lock) (lane.Next, lane.Dirty, lane.Owned) = (null, true, true);
            if (--wanted == 0) break;
        }

        _signal.Set();
        LogOwned(_group, lanes.Count(lane => lane.Owned), lanes.Length, members);
    }

    /// <summary>How many members the group has, in all processes.</summary>
    internal static string CountMembersSql(string group) =>
        $"""
        select count(*) from pg_locks
        where locktype = 'advisory' and granted and classid = {GroupKey(group)}::bigint::oid and objid >= {MemberKeys}::bigint::oid
          and database = (select oid from pg_database where datname = current_database())
        """;

    private static int GroupKey(string group) => Partitioner.PartitionOf(group, int.MaxValue);

    private async Task Execute(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(_stop.IsCancellationRequested ? CancellationToken.None : _stop.Token);
    }

    private async Task<long> Scalar(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return Convert.ToInt64(await command.ExecuteScalarAsync(_stop.Token));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Group {Group} lost its broker session, starting over: {Reason}")]
    private partial void LogSessionLost(string group, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Group {Group} owns {Owned} of {Lanes} lanes, {Members} members")]
    private partial void LogOwned(string group, int owned, int lanes, int members);
}
