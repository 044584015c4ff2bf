namespace EseErp.Messaging;

/// <summary>What a service needs to know to publish and consume. Configuration section <c>Ese:Messaging</c>.</summary>
public sealed class MessagingOptions
{
    /// <summary>The service's consumer group, its name.</summary>
    public string Group { get; set; } = "";

    /// <summary>The topic the service's own log is published to; null for one that publishes nothing.</summary>
    public string? Topic { get; set; }

    /// <summary>CloudEvents source of what the service publishes, such as <c>/sales</c>.</summary>
    public string Source { get; set; } = "";

    /// <summary>Partitions of a topic that does not exist yet. Default 12.</summary>
    public int Partitions { get; set; } = 12;

    /// <summary>Most events the relay publishes at once. Default 1,000.</summary>
    public int RelayBatchSize { get; set; } = 1000;

    public ConsumeOptions Consume { get; set; } = new();
}
