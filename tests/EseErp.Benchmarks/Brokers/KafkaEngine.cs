using System.Text;
using Confluent.Kafka;
using EseErp.Messaging;
using EseErp.Messaging.Kafka;
using EseErp.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace EseErp.Benchmarks;

/// <summary>The cluster named by <c>KAFKA_BOOTSTRAP_SERVERS</c>, or a private Apache Kafka; the twin uses Confluent's client alone, with our settings.</summary>
internal sealed class KafkaEngine : IEngine
{
    private readonly KafkaServer? _own;
    private readonly Dictionary<string, string?> _configuration;
    private readonly KafkaSettings _settings;
    private readonly KafkaBroker _broker;

    private KafkaEngine(KafkaServer? own, string bootstrapServers, string? brokerVersion)
    {
        _own = own;
        _configuration = new Dictionary<string, string?>
        {
            ["Ese:Broker"] = "kafka",
            ["KAFKA_BOOTSTRAP_SERVERS"] = bootstrapServers,
            ["KAFKA_BROKER_VERSION"] = brokerVersion,
        };
        _settings = KafkaSettings.Read(new ConfigurationBuilder().AddEnvironmentVariables().AddInMemoryCollection(_configuration).Build());
        _broker = new KafkaBroker(_settings, NullLoggerFactory.Instance);
    }

    public string Name => "kafka";

    public static async Task<KafkaEngine> Start()
    {
        if (Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP_SERVERS") is { Length: > 0 } named)
            return new KafkaEngine(null, named, Environment.GetEnvironmentVariable("KAFKA_BROKER_VERSION"));
        var own = await KafkaServer.Get();
        return new KafkaEngine(own, own.BootstrapServers, own.BrokerVersion);
    }

    public void Configure(IConfiguration configuration)
    {
        foreach (var (name, value) in _configuration) configuration[name] = value;
    }

    public async Task CreateTopic(string topic, CancellationToken cancellationToken)
    {
        if (_own is not null) await _own.CreateTopic(topic, Setting.Partitions);
        await _broker.CreateTopics([topic], Setting.Partitions, cancellationToken);
    }

    public async Task Fill(string topic, IReadOnlyList<OutgoingRecord> records, CancellationToken cancellationToken)
    {
        foreach (var batch in records.Chunk(2000)) await _broker.Publish(topic, batch, cancellationToken);
    }

    public Task<IRawPublisher> OpenPublisher(string topic, CancellationToken cancellationToken)
    {
        var publisher = new Publisher(new ProducerBuilder<byte[], byte[]>(_settings.Producer()).SetLogHandler((_, _) => { }).Build(), topic);
        return Task.FromResult<IRawPublisher>(publisher);
    }

    public Task<IRawReader> OpenReader(string group, string topic, IReadOnlyList<int> partitions, int batchSize, CancellationToken cancellationToken)
    {
        var consumer = new ConsumerBuilder<byte[], byte[]>(_settings.Consumer(group)).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        return Task.FromResult<IRawReader>(new Reader(consumer, topic, batchSize));
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    private sealed class Publisher(IProducer<byte[], byte[]> producer, string topic) : IRawPublisher
    {
        public async Task Publish(List<(string Key, byte[] Value)> batch, long position, Guid eventId, CancellationToken cancellationToken)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var left = batch.Count;
            foreach (var (key, value) in batch)
            {
                producer.Produce(
                    new TopicPartition(topic, EseErp.Messaging.Partitioner.PartitionOf(key, Setting.Partitions)),
                    new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(key), Value = value },
                    report =>
                    {
                        if (report.Error.IsError) done.TrySetException(new KafkaException(report.Error));
                        else if (Interlocked.Decrement(ref left) == 0) done.TrySetResult();
                    });
            }

            await done.Task.WaitAsync(cancellationToken);
        }

        public ValueTask DisposeAsync()
        {
            producer.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Reader(IConsumer<byte[], byte[]> consumer, string topic, int batchSize) : IRawReader
    {
        private readonly Dictionary<int, long> _read = [];

        public string Topic => topic;

        public IReadOnlyList<(int Partition, long Next)> Places => [.. _read.Select(read => (read.Key, read.Value))];

        public Task<List<byte[]>> Read(CancellationToken cancellationToken) => Task.Run(() =>
        {
            var values = new List<byte[]>(batchSize);
            _read.Clear();
            while (values.Count < batchSize)
            {
                // Once there is something, what is not there yet is not waited for.
                if (consumer.Consume(values.Count > 0 ? 1 : 100) is not { } record)
                {
                    if (values.Count > 0) break;
                    cancellationToken.ThrowIfCancellationRequested();
                    continue;
                }

                values.Add(record.Message.Value);
                _read[record.Partition.Value] = record.Offset.Value + 1;
            }

            return values;
        }, cancellationToken);

        public ValueTask DisposeAsync()
        {
            consumer.Close();
            consumer.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
