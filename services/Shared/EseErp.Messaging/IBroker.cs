namespace EseErp.Messaging;

/// <summary>A message on its way out.</summary>
/// <param name="Key">Messages with one key stay in order within a topic.</param>
public sealed record OutgoingRecord(string Key, byte[] Value);

/// <summary>A message as the broker holds it.</summary>
/// <param name="Offset">Grows by one per message within a topic partition.</param>
public sealed record BrokerRecord(string Topic, int Partition, long Offset, string Key, byte[] Value);

/// <summary>How far a group has read one topic partition.</summary>
/// <param name="Position">The next offset the group will read; never before the oldest record that is left.</param>
/// <param name="End">The next offset that will be written.</param>
/// <param name="LastSeen">
/// When the group last committed; null before its first commit. Kafka does not tell: there, the last commit of this process.
/// </param>
public sealed record GroupPosition(string Group, string Topic, int Partition, long Position, long End, DateTimeOffset? LastSeen)
{
    /// <summary>Messages not yet read.</summary>
    public long Lag => End - Position;
}

/// <summary>
/// A message broker: topics with partitions, consumer groups. At least once; order per key within a topic. What a
/// redelivery may do twice, the inbox stops.
/// </summary>
public interface IBroker
{
    /// <summary>Creates the topics that do not exist yet. An existing topic keeps its partition count.</summary>
    Task CreateTopics(IReadOnlyCollection<string> topics, int partitions, CancellationToken cancellationToken);

    /// <summary>Publishes in order per key; returns when every record is acknowledged as durable.</summary>
    /// <exception cref="MessageTooLargeException">One is over <see cref="BrokerLimits"/>; none was published.</exception>
    Task Publish(string topic, IReadOnlyList<OutgoingRecord> records, CancellationToken cancellationToken);

    /// <summary>Joins a consumer group. A group that never committed starts at the oldest record that is left.</summary>
    Task<IGroupConsumer> Join(string group, IReadOnlyCollection<string> topics, ConsumeOptions options, CancellationToken cancellationToken);

    /// <summary>Position and end of every partition of these topics.</summary>
    Task<IReadOnlyList<GroupPosition>> Positions(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken);

    /// <summary>Sends the group back to the beginning of these topics. No member may be consuming meanwhile.</summary>
    /// <exception cref="GroupInUseException">A member is still there, whose late commit would undo the seek.</exception>
    Task SeekToBeginning(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken);

    /// <summary>Drops what has outlived the broker's retention. An engine that does so by itself does nothing here.</summary>
    Task ApplyRetention(CancellationToken cancellationToken);

    /// <summary>Whether these topics hold a record that was published before a time, by the broker's clock. When in doubt, yes.</summary>
    Task<bool> HoldsRecordsBefore(DateTimeOffset time, IReadOnlyCollection<string> topics, CancellationToken cancellationToken);
}

/// <summary>A group's positions cannot be moved while members consume; try again when they have left.</summary>
public sealed class GroupInUseException(string group) : Exception($"Consumer group {group} still has members.");

/// <summary>One member of a consumer group.</summary>
/// <remarks>
/// Partition <i>p</i> of all the group's topics forms lane <i>p</i>. A lane belongs to one member at a time and its records
/// are handed out to one worker at a time, so what concerns one return is never worked on twice at once. On Kafka, whose
/// groups share single partitions, two members may each have some topics of a lane; their batches then queue at the lane's
/// lock in the inbox.
/// <para>
/// A batch may be divided: <c>batch with { Records = …, Lanes = … }</c>. Every lane of it is to be committed or released
/// exactly once.
/// </para>
/// </remarks>
public interface IGroupConsumer : IAsyncDisposable
{
    /// <summary>Waits for records; hands out some of one or more idle lanes, in offset order per topic partition.</summary>
    Task<RecordBatch> Take(CancellationToken cancellationToken);

    /// <summary>
    /// The records are applied, and all before them in their partitions: the group goes on behind them. The batch's lanes
    /// are free again, whether this succeeds or not.
    /// </summary>
    Task Commit(RecordBatch batch, CancellationToken cancellationToken);

    /// <summary>The lanes are free and will hand out again, after a pause, what was not committed.</summary>
    void Release(RecordBatch batch, TimeSpan pause);
}

/// <summary>Records handed out together.</summary>
/// <param name="Lanes">The partition numbers that are busy until they are committed or released.</param>
public sealed record RecordBatch(IReadOnlyList<BrokerRecord> Records, IReadOnlyList<int> Lanes);

/// <summary>How a member of a group consumes.</summary>
public sealed class ConsumeOptions
{
    /// <summary>How many batches one process works on at once. Default 4.</summary>
    public int Workers { get; set; } = 4;

    /// <summary>Most records of one batch from one topic. Default 500.</summary>
    public int BatchSize { get; set; } = 500;
}
