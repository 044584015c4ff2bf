namespace EseErp.Messaging.Tests;

/// <summary>A broker under test, and the power to break it.</summary>
public interface IBrokerEngine : IAsyncLifetime
{
    /// <summary>
    /// Whether one member has partition <i>p</i> of all topics. Kafka's cooperative assignment goes by single partitions; there
    /// the lane's lock in the inbox keeps two members from working on one return.
    /// </summary>
    bool KeepsLanesTogether { get; }

    /// <summary>A client of its own, as another process would have.</summary>
    Task<IBroker> Connect();

    /// <summary>Ends a client as kill -9 of its process would: its connections break, nothing is said, and it never comes back.</summary>
    Task Kill(IBroker broker);

    /// <summary>Breaks all connections of a client; it is free to come back.</summary>
    Task Disconnect(IBroker broker);
}

/// <summary>An engine that a service of the test's own can be told to use, instead of the embedded one.</summary>
public interface IServiceEngine : IBrokerEngine
{
    /// <summary>What such a service is told.</summary>
    IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Whether a relay that starts over knows what the broker has of its log, though it never heard of it.</summary>
    bool KnowsWhatItHas { get; }
}
