namespace EseErp.Messaging;

/// <summary>How a service publishes and consumes. Configuration section <c>Ese:Messaging</c>.</summary>
public sealed class MessagingOptions
{
    /// <summary>The service's consumer group. Default: its name.</summary>
    public string Group { get; set; } = "";

    /// <summary>The topic the service's own log is published to; null for one that publishes nothing.</summary>
    public string? Topic { get; set; }

    /// <summary>CloudEvents source of what the service publishes, such as <c>/sales</c>.</summary>
    public string Source { get; set; } = "";

    /// <summary>Partitions of a topic that does not exist yet. Default 12.</summary>
    public int Partitions { get; set; } = 12;

    /// <summary>Most events the relay publishes at once. Default 1,000.</summary>
    public int RelayBatchSize { get; set; } = 1000;

    /// <summary>
    /// Under load, the longest pause between batches of the relay, so that a batch gathers more. An event that comes
    /// alone does not wait. Default 20 ms; 0 for none.
    /// </summary>
    public TimeSpan Gather { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// How long the broker keeps a record. Default 7 days. Kafka topics are created with it; the embedded broker
    /// has its own setting, made when its database is provisioned.
    /// </summary>
    public TimeSpan BrokerRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long the inbox knows an event after its last arrival. Default 14 days. Must exceed <see cref="BrokerRetention"/> by
    /// at least <see cref="LeastOverhang"/>: an event that the broker still holds may come again, and the inbox must know it then.
    /// </summary>
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(14);

    /// <summary>
    /// How long a dead letter is kept after it was closed. Default 30 days. Open letters are kept until somebody decides. A letter whose
    /// record the broker may still hold is kept longer.
    /// </summary>
    public TimeSpan LetterRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How long an early fact is kept whose request never came. Default 30 days. While the
    /// request may still come, it is kept longer.
    /// </summary>
    public TimeSpan EarlyFactRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Two days: brokers drop whole segments, of a day here, so that a record lives up to a day longer than the retention; and
    /// a day for tasks that run hourly and clocks that differ.
    /// </summary>
    public static readonly TimeSpan LeastOverhang = TimeSpan.FromDays(2);

    internal bool KeepsInboxLongEnough => BrokerRetention > TimeSpan.Zero && InboxRetention >= BrokerRetention + LeastOverhang;

    internal bool KeepsLeftovers => LetterRetention > TimeSpan.Zero && EarlyFactRetention > TimeSpan.Zero;

    /// <summary>
    /// How long one event may keep a batch waiting. A slower event is applied alone, beside its lane: only its own key waits for it, and the
    /// interrupted attempt does not count. Default 1 s.
    /// </summary>
    public TimeSpan SlowAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long an attempt to apply an event alone may take; a longer one has failed. Default 10 s. At least <see cref="SlowAfter"/>.
    /// </summary>
    public TimeSpan AttemptLimit { get; set; } = TimeSpan.FromSeconds(10);

    internal bool LimitsAttempts => SlowAfter > TimeSpan.Zero && AttemptLimit >= SlowAfter;

    public ConsumeOptions Consume { get; set; } = new();
}
