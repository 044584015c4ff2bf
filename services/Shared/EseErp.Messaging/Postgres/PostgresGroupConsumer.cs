using EseErp.EventStore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EseErp.Messaging.Postgres;

/// <summary>
/// One member of a consumer group on the embedded broker. It owns a lane by a session-level advisory lock, so that a killed
/// process frees its lanes at once and a stopped one's are taken (<see cref="SessionLock"/>); members count each other by such
/// locks too and share the lanes evenly.
/// </summary>
internal sealed partial class PostgresGroupConsumer : IGroupConsumer
{
    private const int MemberKeys = 1_000_000;

    // Of a record whose publisher has not said what it is.
    private const string UnknownKind = "?";

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterALoss = TimeSpan.FromMilliseconds(500);

    // Publishers tell what they publish; this is for what was told while nobody listened.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);

    private readonly PostgresBroker _broker;
    private readonly string _group;
    private readonly IReadOnlyCollection<PostgresBroker.Topic> _topics;
    private readonly ConsumeOptions _options;
    private readonly IGroupOffsets _offsets;
    private readonly ILogger _log;
    private readonly Lanes _lanes;
    private readonly Pace _pace;
    private readonly SemaphoreSlim _taking = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watch;

    public PostgresGroupConsumer(
        PostgresBroker broker, string group, IReadOnlyCollection<PostgresBroker.Topic> topics, ConsumeOptions options, IGroupOffsets offsets, ILogger log)
    {
        (_broker, _group, _topics, _options, _offsets, _log) = (broker, group, topics, options, offsets, log);
        _lanes = new Lanes(topics.Max(topic => topic.Partitions), topics, broker.Heard);
        _pace = new Pace(options.Gather);
        _watch = Task.Run(Watch);
    }

    public async Task<RecordBatch> Take(CancellationToken cancellationToken)
    {
        while (true)
        {
            var lanes = await Reserve(cancellationToken);
            List<BrokerRecord> records;
            try
            {
                await LookUpOffsets(lanes, cancellationToken);
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

    public IReadOnlyList<OffsetMove> Moves(IReadOnlyList<BrokerRecord> records) => records.GroupBy(record => (record.Topic, record.Partition))
        .Select(partition => new OffsetMove(
            partition.Key.Topic, partition.Key.Partition, Part(partition.Key.Topic, partition.Key.Partition).Stored, partition.Max(record => record.Offset) + 1))
        .ToList();

    public void Commit(RecordBatch batch, IReadOnlyList<OffsetMove> stored)
    {
        foreach (var move in Moves(batch.Records)) Part(move.Topic, move.Partition).Next = move.To;
        foreach (var move in stored) Part(move.Topic, move.Partition).Stored = move.To;
        _lanes.Free(_lanes.Of(batch.Lanes));
    }

    public void Release(RecordBatch batch, TimeSpan pause) => _lanes.Return(_lanes.Of(batch.Lanes), pause);

    public void LookUpAgain(RecordBatch batch) => _lanes.MakeStale(_lanes.Of(batch.Lanes));

    public IReadOnlyList<OffsetMove> Unstored() => _lanes.ReserveUnstored()
        .SelectMany(lane => _topics.Where(topic => lane.Parts!.ContainsKey(topic.Id)).Select(topic => (Topic: topic.Name, Lane: lane, Part: lane.Parts![topic.Id])))
        .Where(place => place.Part.Next != place.Part.Stored)
        .Select(place => new OffsetMove(place.Topic, place.Lane.Number, place.Part.Stored, place.Part.Next))
        .ToList();

    public void Stored(IReadOnlyList<OffsetMove> moves, bool succeeded)
    {
        var lanes = _lanes.Of(moves.Select(move => move.Partition).Distinct()).ToList();
        if (succeeded)
            foreach (var move in moves) Part(move.Topic, move.Partition).Stored = move.To;
        else
            _lanes.MakeStale(lanes);
        _lanes.Free(lanes);
    }

    public IReadOnlyList<(string Topic, int Partition, long Next)> Places() => _lanes.Places();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watch;
        _stop.Dispose();
        _taking.Dispose();
    }

    private LanePart Part(string topic, int partition) => _lanes.Of([partition]).Single().Parts![TopicId(topic)];

    private int TopicId(string name) => _topics.Single(topic => topic.Name == name).Id;

    private async Task<List<Lane>> Reserve(CancellationToken cancellationToken)
    {
        // One at a time, so that what comes in while one waits goes into one batch.
        await _taking.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                var changed = _lanes.Changed();
                var pause = LongestWait;
                var ready = _lanes.Ready(ref pause);
                if (ready == 0)
                {
                    await EventLogSignal.Wait(changed, pause, cancellationToken);
                    continue;
                }

                // Whoever has a batch full need not wait for more.
                if (ready < _options.BatchSize) await _pace.Wait(cancellationToken);
                if (_lanes.Reserve(_options.Workers, _options.BatchSize) is { Count: > 0 } lanes) return lanes;
            }
        }
        finally
        {
            _taking.Release();
        }
    }

    private async Task LookUpOffsets(List<Lane> lanes, CancellationToken cancellationToken)
    {
        var unknown = lanes.Where(lane => lane.Parts is null).ToList();
        if (unknown.Count == 0) return;
        var stored = await _offsets.Read(_topics.Select(topic => topic.Name).ToList(), cancellationToken);
        // What was heard may be older than what another member has stored since.
        if (_topics.Any(topic => _broker.Heard.Of(topic.Id, 0) is null
                || unknown.Any(lane => _broker.Heard.Of(topic.Id, lane.Number) is { } ends && ends.Next < stored.GetValueOrDefault((topic.Name, lane.Number)))))
            await _broker.LookUpEnds(_topics, cancellationToken);
        foreach (var lane in unknown)
            lane.Parts = _topics.Where(topic => topic.Partitions > lane.Number).ToDictionary(topic => topic.Id, topic =>
            {
                var next = stored.GetValueOrDefault((topic.Name, lane.Number));
                // A broker that has lost its latest records, after a restore, gives their offsets again to others.
                return new LanePart { Stored = next, Next = _broker.Heard.Of(topic.Id, lane.Number) is { } ends && ends.Next < next ? 0 : next };
            });
    }

    private async Task<List<BrokerRecord>> Read(List<Lane> lanes, CancellationToken cancellationToken)
    {
        var from = new List<(PostgresBroker.Topic Topic, Lane Lane, LanePart Part, long Heard)>();
        foreach (var lane in lanes)
            foreach (var topic in _topics)
                if (lane.Parts!.TryGetValue(topic.Id, out var part) && _broker.Heard.Of(topic.Id, lane.Number) is { } ends && ends.Next > part.Next)
                    from.Add((topic, lane, part, ends.Next));
        if (from.Count == 0) return [];

        var perPartition = Math.Max(1, _options.BatchSize / lanes.Count);
        await using var command = _broker.Database.CreateCommand(
            """
            select f.place, r."offset", r.key, r.value, r.segment
            from unnest($1, $2, $3, $4) with ordinality as f(topic_id, partition, next_offset, segment, place)
            cross join lateral (
                select * from records
                where topic_id = f.topic_id and partition = f.partition and "offset" >= f.next_offset and segment >= f.segment
                order by "offset" limit $5) r
            """);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = from.Select(place => place.Topic.Id).ToArray() });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = from.Select(place => place.Lane.Number).ToArray() });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = from.Select(place => place.Part.Next).ToArray() });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = from.Select(place => place.Part.Segment).ToArray() });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = perPartition });

        var records = new List<BrokerRecord>();
        var read = new bool[from.Count];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var index = (int)reader.GetInt64(0) - 1;
            var (topic, lane, part, _) = from[index];
            records.Add(new BrokerRecord(topic.Name, lane.Number, reader.GetInt64(1), reader.GetString(2), reader.GetFieldValue<byte[]>(3)));
            // Days never go back: the first one decides where the next read begins, should this batch come again.
            if (!read[index]) (read[index], part.Segment) = (true, reader.GetInt32(4));
        }

        // What was told of and is not there any more was dropped by the retention.
        for (var index = 0; index < from.Count; index++)
            if (!read[index]) from[index].Part.Next = from[index].Heard;
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
                await Task.Delay(AfterALoss, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task Serve(NpgsqlConnection session)
    {
        var rebalance = true;
        var membersChannel = $"ese_members_{GroupKey(_group)}";
        session.Notification += Hear;
        try
        {
            var channels = string.Concat(_topics.Select(topic => $"listen ese_records_{topic.Id}; "));
            var memberKey = Random.Shared.Next(MemberKeys, int.MaxValue);
            await Execute(session, $"{channels}listen {membersChannel}; select pg_advisory_lock({GroupKey(_group)}, {memberKey}); select pg_notify('{membersChannel}', '')");
            var (looked, lastBeat) = (TimeSpan.MinValue, TimeSpan.Zero);
            while (!_stop.IsCancellationRequested)
            {
                var now = TimeSpan.FromMilliseconds(Environment.TickCount64);
                if (looked == TimeSpan.MinValue || now - looked >= LookInterval)
                {
                    await _broker.LookUpEnds(_topics, _stop.Token);
                    looked = now;
                    _lanes.Wake();
                }

                if (rebalance || now - lastBeat >= SessionLock.Heartbeat)
                {
                    rebalance = false;
                    await Rebalance(session);
                    lastBeat = now;
                }

                var left = SessionLock.Heartbeat - (TimeSpan.FromMilliseconds(Environment.TickCount64) - lastBeat);
                if (left > TimeSpan.Zero) await session.WaitAsync(left, _stop.Token);
            }
        }
        finally
        {
            session.Notification -= Hear;
        }

        void Hear(object sender, NpgsqlNotificationEventArgs notification)
        {
            if (notification.Channel == membersChannel) rebalance = true;
            else NoteEnds(notification);
        }
    }

    // "<partition>:<first offset>:<next offset>:<kind>,<kind>…|…"; without any, there were too many.
    private void NoteEnds(NpgsqlNotificationEventArgs notification)
    {
        var topicId = int.Parse(notification.Channel.AsSpan("ese_records_".Length));
        if (notification.Payload.Length == 0)
        {
            _ = Task.Run(async () =>
            {
                try
                {
                    await _broker.LookUpEnds(_topics, _stop.Token);
                    _lanes.Wake();
                }
                catch (Exception exception) when (!_stop.IsCancellationRequested)
                {
                    // The next look finds it.
                    LogNotLookedUp(_group, exception.Message);
                }
            });
            return;
        }

        var (topic, wakes) = (_topics.Single(topic => topic.Id == topicId), false);
        foreach (var place in notification.Payload.Split('|'))
        {
            var parts = place.Split(':', 4);
            var (partition, first, next) = (int.Parse(parts[0]), long.Parse(parts[1]), long.Parse(parts[2]));
            _broker.Heard.Hear(topicId, partition, next);
            var wanted = _options.Wants is not { } wants || parts[3].Split(',').Any(kind => kind == UnknownKind || wants(topic.Name, kind));
            wakes |= wanted || !_lanes.PassOver(topicId, partition, first, next);
        }

        if (wakes) _lanes.Wake();
    }

    private async Task Rebalance(NpgsqlConnection session)
    {
        var groupKey = GroupKey(_group);
        var members = Math.Max(1, (int)await Scalar(session, CountMembersSql(_group)));
        if (members > 1 && await SessionLock.EndLost(session, groupKey, null, _stop.Token) > 0) return;
        var share = (_lanes.Count + members - 1) / members;
        var givenUp = _lanes.GiveUpBeyond(share);
        foreach (var lane in givenUp) await Execute(session, $"select pg_advisory_unlock({groupKey}, {lane.Number}); select pg_notify('ese_members_{groupKey}', '')");

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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Group {Group} lost its broker session and reconnects: {Reason}")]
    private partial void LogSessionLost(string group, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Group {Group} could not read what was published: {Reason}")]
    private partial void LogNotLookedUp(string group, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Group {Group} owns {Owned} of {Lanes} lanes, {Members} members")]
    private partial void LogOwned(string group, int owned, int lanes, int members);
}
