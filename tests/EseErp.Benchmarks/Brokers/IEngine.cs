using EseErp.Messaging;
using Microsoft.Extensions.Configuration;

namespace EseErp.Benchmarks;

/// <summary>A broker, as the service finds it and as the raw twin uses it.</summary>
internal interface IEngine : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Tells a service which broker to use.</summary>
    void Configure(IConfiguration configuration);

    Task CreateTopic(string topic, CancellationToken cancellationToken);

    /// <summary>Puts records into a topic before the clock runs.</summary>
    Task Fill(string topic, IReadOnlyList<OutgoingRecord> records, CancellationToken cancellationToken);

    Task<IRawPublisher> OpenPublisher(string topic, CancellationToken cancellationToken);

    /// <summary>Reads some partitions of a topic from the beginning.</summary>
    Task<IRawReader> OpenReader(string group, string topic, IReadOnlyList<int> partitions, int batchSize, CancellationToken cancellationToken);
}

/// <summary>Writes without the library.</summary>
internal interface IRawPublisher : IAsyncDisposable
{
    /// <summary>Returns when the whole batch is acknowledged.</summary>
    /// <param name="position">The log's position it brings the broker to, stored with the batch where the broker can.</param>
    Task Publish(List<(string Key, byte[] Value)> batch, long position, Guid eventId, CancellationToken cancellationToken);
}

/// <summary>Reads without the library.</summary>
internal interface IRawReader : IAsyncDisposable
{
    /// <summary>The next batch; none when there is nothing more.</summary>
    Task<List<byte[]>> Read(CancellationToken cancellationToken);

    string Topic { get; }

    /// <summary>How far the last read has come, in the partitions of which it had records.</summary>
    IReadOnlyList<(int Partition, long Next)> Places { get; }
}

/// <summary>What a benchmark runs on.</summary>
internal sealed record Setting(Servers Servers, IEngine Engine)
{
    public const int Partitions = 12;
}
