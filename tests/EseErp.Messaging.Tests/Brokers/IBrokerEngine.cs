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
