using System.Text;
using Confluent.Kafka;

namespace EseErp.Messaging.Kafka;

/// <summary>The way out of this process: one native producer for all topics.</summary>
/// <remarks>
/// What was handed over stays in the producer's queue until the cluster takes it. Only what the cluster refuses for good ends the
/// producer; then everything it had queued has failed, and the next record opens another one.
/// </remarks>
internal sealed class KafkaProducer(Func<IProducer<byte[], byte[]>> build) : IDisposable
{
    private readonly Lock _lock = new();
    private Native? _native;
    private bool _disposed;

    /// <summary>Hands a record over. Records of a topic partition keep their order.</summary>
    /// <param name="report">Called once: with null when the cluster has acknowledged it, else with what went wrong.</param>
    public void Produce(string topic, int partition, string key, byte[] value, Action<Exception?> report)
    {
        var native = Open();
        var pending = native.Begin(report);
        try
        {
            native.Producer.Produce(
                new TopicPartition(topic, partition),
                new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(key), Value = value },
                delivery => Report(native, pending, delivery.Error));
        }
        catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
        {
            native.End(pending, exception);
        }
        catch (KafkaException exception)
        {
            Close(native, exception);
        }
    }

    public void Dispose()
    {
        Native? native;
        lock (_lock) (native, _native, _disposed) = (_native, null, true);
        if (native is null) return;
        native.Producer.Dispose();
        native.FailAll(new ObjectDisposedException(nameof(KafkaProducer)));
    }

    private Native Open()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _native ??= new Native(build());
        }
    }

    // On the producer's own thread.
    private void Report(Native native, long pending, Error error)
    {
        if (error.IsError) Close(native, new KafkaException(error));
        else native.End(pending, null);
    }

    private void Close(Native native, Exception reason)
    {
        lock (_lock)
        {
            if (_native == native) _native = null;
        }

        native.FailAll(reason);
        // Ending it waits for its threads, of which this may be one.
        _ = Task.Run(native.Producer.Dispose);
    }

    /// <summary>A native producer and what it has not acknowledged.</summary>
    private sealed class Native(IProducer<byte[], byte[]> producer)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<long, Action<Exception?>> _pending = [];
        private Exception? _failed;
        private long _last;

        public IProducer<byte[], byte[]> Producer => producer;

        public long Begin(Action<Exception?> report)
        {
            lock (_lock)
            {
                if (_failed is not null) throw _failed;
                _pending[++_last] = report;
                return _last;
            }
        }

        public void End(long pending, Exception? failure)
        {
            Action<Exception?>? report;
            lock (_lock) _pending.Remove(pending, out report);
            report?.Invoke(failure);
        }

        public void FailAll(Exception reason)
        {
            List<Action<Exception?>> reports;
            lock (_lock)
            {
                _failed ??= reason;
                reports = [.. _pending.Values];
                _pending.Clear();
            }

            foreach (var report in reports) report(reason);
        }
    }
}
