using System.Globalization;
using Confluent.Kafka;
using EseErp.EventStore;
using Microsoft.Extensions.Logging;

namespace EseErp.Messaging.Kafka;

/// <summary>
/// One member of a consumer group on Kafka. A thread of its own fetches into the buffers of the partitions it was assigned;
/// workers take from there. A partition is read from the offset that the group has stored itself; what Kafka knows of the group's offsets
/// is written now and then, for its tools.
/// </summary>
/// <remarks>
/// Kafka assigns partitions topic by topic, so for a moment, or with an uneven assignor, two members may have parts of one
/// lane. Their batches then queue at the lane's lock in the inbox.
/// </remarks>
internal sealed partial class KafkaGroupConsumer : IGroupConsumer
{
    private const int MostAtOnce = 256;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(1);

    private readonly KafkaBroker _broker;
    private readonly Dictionary<string, string> _settings;
    private readonly IReadOnlyCollection<string> _topics;
    private readonly ConsumeOptions _options;
    private readonly IGroupOffsets _offsets;
    private readonly ILogger _log;
    private readonly KafkaLanes _lanes;
    private readonly Pace _pace;
    private readonly SemaphoreSlim _taking = new(1, 1);
    private readonly EventLogSignal _changed = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _fetching;

    // A partition that goes to another member waits so long for the batch under way, so that it is not done twice. Less than
    // the session's timeout, after which old brokers count a member as gone that has not joined again.
    private readonly TimeSpan _handOverLimit;

    private volatile bool _cutOff;

    // Touched by the fetching thread only, on which the handlers run too: a client that is used while it is ended takes the process down.
    private IConsumer<byte[], byte[]> _client;
    private long _toldAt;
    private long _lookUpFrom;

    // Fetched, and not yet where workers find it.
    private readonly List<BrokerRecord> _fetched = [];

    public KafkaGroupConsumer(
        KafkaBroker broker, Dictionary<string, string> settings, IReadOnlyCollection<string> topics, int lanes, ConsumeOptions options,
        IGroupOffsets offsets, ILogger log)
    {
        (_broker, _settings, _topics, _options, _offsets, _log) = (broker, settings, topics, options, offsets, log);
        _lanes = new KafkaLanes(lanes, options.BatchSize);
        _pace = new Pace(options.Gather);
        _handOverLimit = TimeSpan.FromMilliseconds(int.Parse(settings["session.timeout.ms"], CultureInfo.InvariantCulture) / 2);
        _client = Build();
        _fetching = Task.Factory.StartNew(Fetch, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public async Task<RecordBatch> Take(CancellationToken cancellationToken)
    {
        // One at a time, so that what comes in while one waits goes into one batch.
        await _taking.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var changed = _changed.Next();
                var wait = TimeSpan.FromSeconds(1);
                var ready = _lanes.Ready(ref wait);
                if (ready == 0)
                {
                    await EventLogSignal.Wait(changed, wait, cancellationToken);
                    continue;
                }

                // Whoever has a batch full need not wait for more.
                if (ready < _options.BatchSize) await _pace.Wait(cancellationToken);
                if (_lanes.Take(_options.Workers) is { } batch) return batch;
            }
        }
        finally
        {
            _taking.Release();
        }
    }

    public IReadOnlyList<OffsetMove> Moves(IReadOnlyList<BrokerRecord> records) => _lanes.Moves(records);

    public void Commit(RecordBatch batch, IReadOnlyList<OffsetMove> stored)
    {
        _lanes.Finish(batch.Records, stored);
        Free(batch.Lanes, TimeSpan.Zero);
    }

    public void Release(RecordBatch batch, TimeSpan pause) => Free(batch.Lanes, pause);

    public void LookUpAgain(RecordBatch batch) => _lanes.MakeStale(batch.Lanes);

    public IReadOnlyList<OffsetMove> Unstored() => _lanes.ReserveUnstored();

    public void Stored(IReadOnlyList<OffsetMove> moves, bool succeeded)
    {
        var lanes = moves.Select(move => move.Partition).Distinct().ToList();
        if (succeeded) _lanes.Stored(moves);
        else _lanes.MakeStale(lanes);
        Free(lanes, TimeSpan.Zero);
    }

    public IReadOnlyList<(string Topic, int Partition, long Next)> Places() => _lanes.Places();

    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested) await _stop.CancelAsync();
        // While no broker answers, leaving the group takes librdkafka 2.16 no limit: it has been seen not to return. By then the cluster has
        // counted this member as gone; its client is left to the end of the process.
        var limit = 3 * _handOverLimit;
        await Task.WhenAny(_fetching, Task.Delay(limit));
        if (!_fetching.IsCompleted) LogLeftBehind(limit.TotalSeconds);
        if (_fetching.IsFaulted) LogError(_fetching.Exception.InnerException!.Message);
        _broker.Left(this);
    }

    /// <summary>Ends without leaving the group.</summary>
    internal async Task CutOff()
    {
        _cutOff = true;
        await DisposeAsync();
    }

    private IConsumer<byte[], byte[]> Build()
    {
        var consumer = new ConsumerBuilder<byte[], byte[]>(_settings)
            .SetLogHandler((_, message) => _broker.Log(message))
            .SetErrorHandler((_, error) => LogOf(error))
            .SetPartitionsAssignedHandler((_, partitions) => Assign(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => InHandler(() => HandOver(partitions.ConvertAll(partition => partition.TopicPartition))))
            .SetPartitionsLostHandler((_, partitions) => InHandler(() => GiveUp(partitions.ConvertAll(partition => partition.TopicPartition))))
            .Build();
        consumer.Subscribe(_topics);
        return consumer;
    }

    /// <returns>Where to begin to read each partition.</returns>
    private List<TopicPartitionOffset> Assign(List<TopicPartition> partitions)
    {
        // A partition whose place is not known is paused until the store answers, and sought then. It must not wait at its end: if the client
        // hears where that is only after the seek, librdkafka (2.16) asks once more and goes there, past all that is between.
        var from = partitions.ConvertAll(partition => new TopicPartitionOffset(partition, Offset.Beginning));
        InHandler(() =>
        {
            _lanes.Assign(partitions);
            if (Places(_lanes.Stale().Intersect(partitions)) is not { } places) return;
            _lanes.GoOn(places);
            var known = places.ToDictionary(place => place.TopicPartition, Start);
            from = from.ConvertAll(place => known.GetValueOrDefault(place.TopicPartition, place));
        });
        return from;
    }

    /// <summary>Looks up where the group is in partitions of which that is not known, and reads on from there.</summary>
    private void LookUp()
    {
        var stale = _lanes.Stale();
        if (stale.Count == 0 || Environment.TickCount64 < _lookUpFrom || Places(stale) is not { } places) return;
        foreach (var place in places)
        {
            _client.Seek(Start(place));
            _lanes.GoOn([place]);
        }
    }

    /// <returns>Where the group has stored to be; null if the store does not say so now.</returns>
    private List<TopicPartitionOffset>? Places(IEnumerable<TopicPartition> partitions)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            limit.CancelAfter(_handOverLimit);
            var stored = _offsets.Read(_topics, limit.Token).WaitAsync(limit.Token).GetAwaiter().GetResult();
            return partitions.Select(partition => new TopicPartitionOffset(partition, stored.GetValueOrDefault((partition.Topic, partition.Partition.Value)))).ToList();
        }
        catch (Exception exception)
        {
            if (!_stop.IsCancellationRequested) LogNotFound(exception.Message);
            _lookUpFrom = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
            return null;
        }
    }

    // One that has nothing stored begins with the oldest record.
    private static TopicPartitionOffset Start(TopicPartitionOffset place) =>
        place.Offset.Value > 0 ? place : new TopicPartitionOffset(place.TopicPartition, Offset.Beginning);

    // A lost connection is in the client's own log.
    private void LogOf(Error error)
    {
        if (!KafkaBroker.IsOutage(error.Code)) LogError(error.Reason);
    }

    // An exception that leaves a handler leaves librdkafka's callback too, and with that ends the process.
    private void InHandler(Action work)
    {
        try
        {
            Keep();
            work();
        }
        catch (Exception exception)
        {
            LogError(exception.Message);
        }
    }

    private void Fetch()
    {
        var rejoins = false;
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    // What an error has left over was read before a place that is looked up now.
                    Keep();
                    if (rejoins) Rejoin();
                    rejoins = false;
                    LookUp();
                    if (Environment.TickCount64 - _toldAt > TellInterval.TotalMilliseconds) Tell();
                    HoldBack();
                    if (Consume(100))
                        while (_fetched.Count < MostAtOnce && Consume(0))
                        {
                        }

                    Keep();
                }
                catch (KafkaException exception) when (!exception.Error.IsFatal)
                {
                    LogError(exception.Error.Reason);
                    _stop.Token.WaitHandle.WaitOne(Patience);
                }
                catch (Exception exception)
                {
                    LogStartingOver(exception);
                    _stop.Token.WaitHandle.WaitOne(Patience);
                    rejoins = true;
                }
            }

            if (!_cutOff) Leave();
        }
        finally
        {
            _client.Dispose();
        }
    }

    private bool Consume(int milliseconds)
    {
        if (_client.Consume(milliseconds) is not { Message: { } message } result) return false;
        _fetched.Add(new BrokerRecord(result.Topic, result.Partition.Value, result.Offset.Value, ForeignKey.Read(message.Key), message.Value ?? []));
        return true;
    }

    // Before the lanes change hands, too: what was fetched for the old owner must not be added behind the new one's back.
    private void Keep()
    {
        if (_fetched.Count == 0) return;
        _lanes.Add(_fetched);
        _fetched.Clear();
        _changed.Set();
    }

    private void Free(IEnumerable<int> lanes, TimeSpan pause)
    {
        _lanes.Free(lanes, pause);
        _changed.Set();
    }

    /// <summary>
    /// For the cluster's tools: the client sends it now and then, and before a partition goes. Nothing rests on it, and nobody waits for the answer.
    /// </summary>
    private void Tell()
    {
        _toldAt = Environment.TickCount64;
        try
        {
            foreach (var offset in _lanes.Untold())
            {
                _client.StoreOffset(offset);
                _lanes.Told(offset);
            }
        }
        catch (KafkaException exception)
        {
            LogNotTold(exception.Error.Reason);
        }
    }

    // Workers that are behind are given a moment first: a partition that was paused is fetched again only with the next request.
    // But whoever does not ask for records for minutes is thrown out of the group, so what is stuck must not stop the rest.
    private void HoldBack()
    {
        var since = Environment.TickCount64;
        while (_lanes.IsFull && !_stop.IsCancellationRequested)
        {
            var changed = _changed.Next();
            if (_lanes.IsFull && Environment.TickCount64 - since < Patience.TotalMilliseconds) changed.Wait(TimeSpan.FromMilliseconds(50));
            else _client.Pause(_lanes.Pause());
        }

        var stale = _lanes.PauseStale();
        if (stale.Count > 0) _client.Pause(stale);
        var emptied = _lanes.Resume();
        if (emptied.Count > 0) _client.Resume(emptied);
    }

    private void HandOver(List<TopicPartition> leaving)
    {
        try
        {
            _lanes.TakeNoMoreOf(leaving);
            var since = Environment.TickCount64;
            while (!_stop.IsCancellationRequested && Environment.TickCount64 - since < _handOverLimit.TotalMilliseconds && _lanes.AnyInHand(leaving))
                _changed.Next().Wait(TimeSpan.FromMilliseconds(20));
            Tell();
        }
        finally
        {
            GiveUp(leaving);
        }
    }

    private void GiveUp(List<TopicPartition> partitions)
    {
        // Should they come back one day, librdkafka would still know them as paused.
        var paused = _lanes.Lose(partitions);
        if (paused.Count > 0) _client.Resume(paused);
    }

    private void Rejoin()
    {
        _fetched.Clear();
        _lanes.LoseAll();
        _client.Dispose();
        _client = Build();
    }

    private void Leave()
    {
        try
        {
            _client.Close();
        }
        catch (Exception exception)
        {
            LogError(exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A member of a Kafka group did not end within {Seconds} s and is left alone")]
    private partial void LogLeftBehind(double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Fetching failed; the member joins the group again")]
    private partial void LogStartingOver(Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The offsets of the group could not be sent to Kafka: {Reason}")]
    private partial void LogNotTold(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The offsets of the group could not be read; retrying soon: {Reason}")]
    private partial void LogNotFound(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Kafka: {Reason}")]
    private partial void LogError(string reason);
}
