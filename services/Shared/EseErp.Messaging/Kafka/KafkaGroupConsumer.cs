using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using EseErp.EventStore;
using Microsoft.Extensions.Logging;

namespace EseErp.Messaging.Kafka;

/// <summary>
/// One member of a consumer group on Kafka. A thread of its own fetches into the buffers of the partitions it was assigned;
/// workers take from there. What is committed is always the lowest offset not finished, by hand.
/// </summary>
/// <remarks>
/// Kafka assigns partitions topic by topic, so for a moment, or with an uneven assignor, two members may have parts of one
/// lane. Their batches then queue at the lane's lock in the inbox.
/// </remarks>
internal sealed partial class KafkaGroupConsumer : IGroupConsumer
{
    private const int MostAtOnce = 256;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly KafkaBroker _broker;
    private readonly Dictionary<string, string> _settings;
    private readonly string _group;
    private readonly IReadOnlyCollection<string> _topics;
    private readonly ConsumeOptions _options;
    private readonly ILogger _log;
    private readonly KafkaLanes _lanes;
    private readonly EventLogSignal _changed = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _fetching;

    // A partition that goes to another member waits so long for the batch under way, so that it is not done twice. Less than
    // the session's timeout, after which old brokers count a member as gone that has not joined again.
    private readonly TimeSpan _handOverLimit;

    private volatile Client _client;
    private volatile bool _cutOff;
    private readonly Task _committingLeftovers;

    // Fetched, and not yet where workers find it. Touched by the fetching thread only, on which the handlers run too.
    private readonly List<BrokerRecord> _fetched = [];

    public KafkaGroupConsumer(
        KafkaBroker broker, Dictionary<string, string> settings, string group, IReadOnlyCollection<string> topics, int lanes, ConsumeOptions options,
        ILogger log)
    {
        (_broker, _settings, _group, _topics, _options, _log) = (broker, settings, group, topics, options, log);
        _lanes = new KafkaLanes(lanes, options.BatchSize);
        _handOverLimit = TimeSpan.FromMilliseconds(int.Parse(settings["session.timeout.ms"], CultureInfo.InvariantCulture) / 2);
        _client = Build();
        _fetching = Task.Factory.StartNew(Fetch, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _committingLeftovers = Task.Run(CommitLeftovers);
    }

    public async Task<RecordBatch> Take(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var changed = _changed.Next();
            var wait = TimeSpan.FromSeconds(1);
            if (_lanes.Take(_options.Workers, ref wait) is { } batch) return batch;
            await EventLogSignal.Wait(changed, wait, cancellationToken);
        }
    }

    public async Task Commit(RecordBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            // A commit that meets a lost coordinator is answered late. The worker need not wait for that: what is finished is known
            // here, and a later commit covers it.
            if (_lanes.Finish(batch.Records)) await CommitFinished(_handOverLimit, cancellationToken);
        }
        finally
        {
            _lanes.Free(batch.Lanes, TimeSpan.Zero);
            _changed.Set();
        }
    }

    public void Release(RecordBatch batch, TimeSpan pause)
    {
        _lanes.Free(batch.Lanes, pause);
        _changed.Set();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested) await _stop.CancelAsync();
        // While no broker answers and a commit waits for one, leaving the group takes librdkafka 2.16 no limit: it has been seen not to
        // return. By then the cluster has counted this member as gone; its client is left to the end of the process.
        var limit = 3 * _handOverLimit;
        await Task.WhenAny(Task.WhenAll(_committingLeftovers, _fetching), Task.Delay(limit));
        if (!_fetching.IsCompleted || !_committingLeftovers.IsCompleted) LogLeftBehind(limit.TotalSeconds);
        if (_fetching.IsFaulted) LogError(_fetching.Exception.InnerException!.Message);
        _broker.Left(this);
    }

    /// <summary>Ends without leaving the group.</summary>
    internal async Task CutOff()
    {
        _cutOff = true;
        await DisposeAsync();
    }

    private Client Build()
    {
        var consumer = new ConsumerBuilder<byte[], byte[]>(_settings)
            .SetLogHandler((_, message) => _broker.Log(message))
            .SetErrorHandler((_, error) => LogOf(error))
            .SetPartitionsAssignedHandler((_, partitions) => InHandler(() => _lanes.Assign(partitions)))
            .SetPartitionsRevokedHandler((_, partitions) => InHandler(() => HandOver(partitions.ConvertAll(partition => partition.TopicPartition))))
            .SetPartitionsLostHandler((_, partitions) => InHandler(() => GiveUp(partitions.ConvertAll(partition => partition.TopicPartition))))
            .Build();
        consumer.Subscribe(_topics);
        return new Client(consumer);
    }

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
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
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
                    Rejoin();
                }
            }

            if (!_cutOff) Leave();
        }
        finally
        {
            _client.Consumer.Dispose();
        }
    }

    private bool Consume(int milliseconds)
    {
        if (_client.Consumer.Consume(milliseconds) is not { Message: { } message } result) return false;
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

    /// <summary>Tells the cluster how far the group is.</summary>
    /// <exception cref="TimeoutException">It has not answered in time. The commit goes on, and others wait for it.</exception>
    private async Task CommitFinished(TimeSpan limit, CancellationToken cancellationToken)
    {
        var client = _client;
        var clock = Stopwatch.StartNew();
        // One at a time: an older answer must not follow a newer one.
        if (!await client.Committing.WaitAsync(limit, cancellationToken)) throw NotAnswered();
        var commit = Task.Run(() => CommitFinished(client), CancellationToken.None);
        var left = limit - clock.Elapsed;
        try
        {
            await commit.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
        }
        catch (TimeoutException)
        {
            _ = commit.ContinueWith(task => LogError(task.Exception!.InnerException!.Message), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw NotAnswered();
        }

        TimeoutException NotAnswered() => new($"Kafka has not answered a commit within {limit.TotalSeconds} s.");
    }

    private void CommitFinished(Client client)
    {
        try
        {
            var offsets = _lanes.Uncommitted();
            if (offsets.Count == 0 || client != _client) return;
            client.Consumer.Commit(offsets);
            Note(offsets);
        }
        catch (TopicPartitionOffsetException exception)
        {
            Note(exception.Results.Where(result => !result.Error.IsError).Select(result => result.TopicPartitionOffset).ToList());
            throw;
        }
        catch (KafkaException exception) when (IsNotMine(exception))
        {
            // The group is changing members. What stays ours is committed when that is over; the rest is handed out again
            // elsewhere, and the inbox stops it.
            LogCommitLater(exception.Error.Reason);
        }
        finally
        {
            client.Committing.Release();
        }
    }

    private void Note(List<TopicPartitionOffset> committed)
    {
        _lanes.Committed(committed);
        _broker.Committed(_group, committed);
    }

    /// <summary>The cluster takes no commit from this member now.</summary>
    internal static bool IsNotMine(KafkaException exception) =>
        exception.Error.Code is ErrorCode.RebalanceInProgress or ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration;

    // What was refused while the group changed members, or when the cluster was away. Not on the fetching thread: the call may
    // take as long as a coordinator is being looked for.
    private async Task CommitLeftovers()
    {
        for (var pause = ShortestPause; !_stop.IsCancellationRequested;)
        {
            await Task.Delay(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (_lanes.HasOldUncommitted()) await CommitFinished(LongestPause, _stop.Token);
                pause = ShortestPause;
            }
            catch (Exception exception)
            {
                if (_stop.IsCancellationRequested) return;
                LogError(exception.Message);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
        }
    }

    // Workers that are behind are given a moment first: a partition that was paused is fetched again only with the next request.
    // But whoever does not ask for records for minutes is thrown out of the group, so what is stuck must not stop the rest.
    private void HoldBack()
    {
        var clock = Stopwatch.StartNew();
        while (_lanes.IsFull && !_stop.IsCancellationRequested)
        {
            var changed = _changed.Next();
            if (_lanes.IsFull && clock.Elapsed < Patience) changed.Wait(TimeSpan.FromMilliseconds(50));
            else _client.Consumer.Pause(_lanes.Pause());
        }

        var emptied = _lanes.Resume();
        if (emptied.Count > 0) _client.Consumer.Resume(emptied);
    }

    private void HandOver(List<TopicPartition> leaving)
    {
        try
        {
            _lanes.TakeNoMoreOf(leaving);
            var clock = Stopwatch.StartNew();
            while (!_stop.IsCancellationRequested && clock.Elapsed < _handOverLimit && _lanes.AnyInHand(leaving))
                _changed.Next().Wait(TimeSpan.FromMilliseconds(20));
            // With a limit, as the answer may take as long as a coordinator is being looked for.
            var left = _handOverLimit - clock.Elapsed;
            CommitFinished(left > ShortestPause ? left : ShortestPause, CancellationToken.None).GetAwaiter().GetResult();
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
        if (paused.Count > 0) _client.Consumer.Resume(paused);
    }

    private void Rejoin()
    {
        _fetched.Clear();
        _lanes.LoseAll();
        _client.Consumer.Dispose();
        _client = Build();
    }

    private void Leave()
    {
        try
        {
            _client.Consumer.Close();
        }
        catch (Exception exception)
        {
            LogError(exception.Message);
        }
    }

    /// <summary>A native client, and what is taken for each commit of it and given back when that has been answered.</summary>
    private sealed record Client(IConsumer<byte[], byte[]> Consumer)
    {
        public SemaphoreSlim Committing { get; } = new(1, 1);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A member of a Kafka group did not end within {Seconds} s and is left behind")]
    private partial void LogLeftBehind(double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Fetching failed; the group is joined anew")]
    private partial void LogStartingOver(Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The commit of offsets has to wait: {Reason}")]
    private partial void LogCommitLater(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Kafka: {Reason}")]
    private partial void LogError(string reason);
}
