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

    private readonly PostgresBroker _broker;
    private readonly string _group;
    private readonly Dictionary<int, PostgresBroker.Topic> _topics;
    private readonly ConsumeOptions _options;
    private readonly ILogger _log;
    private readonly Lanes _lanes;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watch;

    public PostgresGroupConsumer(
        PostgresBroker broker, string group, IReadOnlyCollection<PostgresBroker.Topic> topics, ConsumeOptions options, ILogger log)
    {
        (_broker, _group, _options, _log) = (broker, group, options, log);
        _topics = topics.ToDictionary(topic => topic.Id);
        _lanes = new Lanes(topics.Max(topic => topic.Partitions));
        _watch = Task.Run(Watch);
    }

    public async Task<RecordBatch> Take(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var changed = _lanes.Changed();
            var pause = PollInterval;
            var lanes = _lanes.Reserve(_options.Workers, _options.BatchSize, ref pause);
            if (lanes.Count == 0)
            {
                await EventLogSignal.Wait(changed, pause, cancellationToken);
                continue;
            }

            List<BrokerRecord> records;
            try
            {
                await LookUpPositions(lanes, cancellationToken);
                records = await Read(lanes, cancellationToken);
            }
            catch
            {
                _lanes.Return(lanes, TimeSpan.Zero);
                throw;
            }

            var busy = records.Select(record => record.Partition).ToHashSet();
            _lanes.Free(lanes.Where(lane => !busy.Contains(lane.Number)));
            if (records.Count > 0) return new RecordBatch(records, busy.Order().ToList());
        }
    }

    public async Task Commit(RecordBatch batch, CancellationToken cancellationToken)
    {
        var ends = batch.Records.GroupBy(record => (record.Topic, record.Partition))
            .Select(partition => (TopicId: TopicId(partition.Key.Topic), partition.Key.Partition, Next: partition.Max(record => record.Offset) + 1))
            .ToList();
        try
        {
            foreach (var end in ends)
                _lanes.Of([end.Partition]).Single().Next![end.TopicId] = end.Next;
            if (ends.Count > 0) await Store(ends, cancellationToken);
        }
        finally
        {
            _lanes.Free(_lanes.Of(batch.Lanes));
        }
    }

    public void Release(RecordBatch batch, TimeSpan pause) => _lanes.Return(_lanes.Of(batch.Lanes), pause);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watch;
        _stop.Dispose();
    }

    private int TopicId(string name) => _topics.Values.Single(topic => topic.Name == name).Id;

    private async Task Store(List<(int TopicId, int Partition, long Next)> ends, CancellationToken cancellationToken)
    {
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
        _lanes.MarkDirty(records.GroupBy(record => (record.Topic, record.Partition)).Where(partition => partition.Count() >= perPartition)
            .Select(partition => partition.Key.Partition).ToHashSet());
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
                try
                {
                    await Serve(session);
                }
                finally
                {
                    _lanes.LoseAll();
                    await ServiceDatabase.GiveBack(_broker.Database, session);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
            }
            catch (Exception exception)
            {
                LogSessionLost(_group, exception.Message);
                await Task.Delay(PollInterval, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task Serve(NpgsqlConnection session)
    {
        session.Notification += (_, notification) => MarkDirty(notification.Payload);
        var groupKey = GroupKey(_group);
        var memberKey = Random.Shared.Next(MemberKeys, int.MaxValue);
        await Execute(session, $"listen ese_records; select pg_advisory_lock({groupKey}, {memberKey})");
        var lastRebalance = DateTime.MinValue;
        while (!_stop.IsCancellationRequested)
        {
            if (DateTime.UtcNow - lastRebalance >= PollInterval)
            {
                await Rebalance(session, groupKey);
                _lanes.MarkDirty(null);
                lastRebalance = DateTime.UtcNow;
            }

            await session.WaitAsync(PollInterval, _stop.Token);
        }
    }

    private void MarkDirty(string? payload)
    {
        // "<topic id>:<partition>,<partition>…"; without one, all.
        var parts = payload?.Split(':');
        if (parts is { Length: 2 } && !_topics.ContainsKey(int.Parse(parts[0]))) return;
        var partitions = parts is { Length: 2 } ? parts[1].Split(',').Select(int.Parse).ToHashSet() : null;
        _lanes.MarkDirty(partitions);
    }

    private async Task Rebalance(NpgsqlConnection session, int groupKey)
    {
        var members = Math.Max(1, (int)await Scalar(session, CountMembersSql(_group)));
        var share = (_lanes.Count + members - 1) / members;
        var givenUp = _lanes.GiveUpBeyond(share);
        foreach (var lane in givenUp) await Execute(session, $"select pg_advisory_unlock({groupKey}, {lane.Number})");

        var before = _lanes.Owned;
        var wanted = share - before;
        foreach (var lane in _lanes.NotOwned().Except(givenUp))
        {
            if (wanted <= 0) break;
            if (await Scalar(session, $"select pg_try_advisory_lock({groupKey}, {lane.Number})::int") == 0) continue;
            _lanes.Acquire(lane);
            wanted--;
        }

        if (givenUp.Count > 0 || _lanes.Owned != before) LogOwned(_group, _lanes.Owned, _lanes.Count, members);
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
        await command.ExecuteNonQueryAsync(_stop.Token);
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
