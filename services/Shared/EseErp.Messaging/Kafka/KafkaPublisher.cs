using System.Diagnostics;
using System.Text;
using Confluent.Kafka;

namespace EseErp.Messaging.Kafka;

/// <summary>The way out of this process: one native producer for all topics.</summary>
/// <remarks>
/// A batch that was given up stays in the producer's queue and goes out when the cluster is back. The next batch of its topic waits
/// for that, so nothing overtakes it and no more than one batch of a topic is queued. It may be published a second time, which the
/// inbox stops. Only what the cluster refuses for good ends the producer, with all that is queued behind it.
/// </remarks>
internal sealed class KafkaPublisher(Func<IProducer<byte[], byte[]>> build) : IDisposable
{
    private readonly Lock _lock = new();
    private Way? _way;
    private bool _disposed;

    /// <summary>Returns when every record is acknowledged.</summary>
    /// <exception cref="TimeoutException">They were not acknowledged in time.</exception>
    public async Task Publish(
        string topic, IReadOnlyList<OutgoingRecord> records, int partitions, TimeSpan limit, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        Batch? batch = null;
        try
        {
            var way = Open();
            await way.GivenUp(topic).WaitAsync(limit, cancellationToken);
            if (way.IsClosed) way = Open();
            batch = way.Begin(topic, records.Count);
            foreach (var record in records)
                way.Producer.Produce(
                    new TopicPartition(topic, Partitioner.PartitionOf(record.Key, partitions)),
                    new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(record.Key), Value = record.Value },
                    report => Report(way, batch, report.Error));
            var left = limit - clock.Elapsed;
            await batch.Acknowledged.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            batch?.GiveUp();
            if (exception is TimeoutException)
                throw new TimeoutException($"Kafka did not acknowledge {records.Count} records of {topic} within {limit.TotalSeconds} s.");
            throw;
        }
        catch (KafkaException exception) when (batch is { Acknowledged.IsCompleted: false })
        {
            // A part of it is queued, and the rest was not taken.
            Close(batch.Way, exception);
            throw;
        }
    }

    public void Dispose()
    {
        Way? way;
        lock (_lock) (way, _way, _disposed) = (_way, null, true);
        way?.Close(new ObjectDisposedException(nameof(KafkaPublisher)));
        way?.Producer.Dispose();
    }

    private Way Open()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _way ??= new Way(build());
        }
    }

    // On the producer's own thread.
    private void Report(Way way, Batch batch, Error error)
    {
        if (error.IsError) Close(way, new KafkaException(error));
        else batch.Acknowledge();
    }

    private void Close(Way way, Exception reason)
    {
        lock (_lock)
        {
            if (_way != way) return;
            _way = null;
        }

        way.Close(reason);
        // Ending it waits for its threads, of which this may be one.
        _ = Task.Run(way.Producer.Dispose);
    }

    /// <summary>A native producer and what it has not acknowledged.</summary>
    private sealed class Way(IProducer<byte[], byte[]> producer)
    {
        private readonly Lock _lock = new();
        private readonly HashSet<Batch> _open = [];
        private Exception? _closed;

        public IProducer<byte[], byte[]> Producer => producer;

        public bool IsClosed
        {
            get
            {
                lock (_lock) return _closed is not null;
            }
        }

        public Batch Begin(string topic, int records)
        {
            lock (_lock)
            {
                if (_closed is not null) throw _closed;
                var batch = new Batch(this, topic, records);
                _open.Add(batch);
                return batch;
            }
        }

        /// <summary>Ends when nothing of this topic is queued any more that its publisher has given up.</summary>
        public Task GivenUp(string topic)
        {
            lock (_lock)
                return Task.WhenAll(_open.Where(batch => batch.Topic == topic && batch.IsGivenUp)
                    .Select(batch => batch.Acknowledged.ContinueWith(_ => { }, TaskScheduler.Default)));
        }

        public void Done(Batch batch)
        {
            lock (_lock) _open.Remove(batch);
        }

        public void Close(Exception reason)
        {
            List<Batch> open;
            lock (_lock)
            {
                _closed = reason;
                open = [.. _open];
                _open.Clear();
            }

            foreach (var batch in open) batch.Fail(reason);
        }
    }

    /// <summary>Counts the records of a batch as the cluster acknowledges them.</summary>
    private sealed class Batch(Way way, string topic, int records)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = records;
        private volatile bool _isGivenUp;

        public Way Way => way;

        public string Topic => topic;

        public Task Acknowledged => _done.Task;

        public bool IsGivenUp => _isGivenUp;

        public void GiveUp()
        {
            _isGivenUp = true;
            // Nobody may be left to see how it ends.
            _ = _done.Task.ContinueWith(task => task.Exception, TaskContinuationOptions.OnlyOnFaulted);
        }

        public void Acknowledge()
        {
            if (Interlocked.Decrement(ref _left) != 0) return;
            way.Done(this);
            _done.TrySetResult();
        }

        public void Fail(Exception reason) => _done.TrySetException(reason);
    }
}
