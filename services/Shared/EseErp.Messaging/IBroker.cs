namespace EseErp.Messaging;

/// <summary>A message on its way out.</summary>
/// <param name="Key">Messages with one key stay in order within a topic.</param>
public sealed record OutgoingRecord(string Key, byte[] Value);

/// <summary>An event of a log on its way out.</summary>
/// <param name="Position">Its place in the log.</param>
/// <param name="EventId">Tells whether the log still is the one the broker knows.</param>
/// <param name="Kind">What it is, for engines that can tell before it is read; see <see cref="ConsumeOptions.Wants"/>. Null: not said.</param>
public sealed record LoggedRecord(long Position, Guid EventId, string Topic, string Key, byte[] Value, string? Kind = null);

/// <summary>A message as the broker holds it.</summary>
/// <param name="Offset">Grows by one per message within a topic partition.</param>
public sealed record BrokerRecord(string Topic, int Partition, long Offset, string Key, byte[] Value);

/// <summary>The first and the next offset of a topic partition, as last heard.</summary>
/// <param name="Oldest">The oldest record that is left.</param>
/// <param name="Next">The next offset that will be written.</param>
/// <param name="SeenAt">When this process heard of it.</param>
public sealed record PartitionEnds(string Topic, int Partition, long Oldest, long Next, DateTimeOffset SeenAt);

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

    /// <summary>Opens the way out of an event log. One process at a time uses it; another one's use ends the first one's.</summary>
    /// <param name="producer">The log's name, the same in every process and for ever.</param>
    /// <param name="position">Where the service keeps how far its log is published.</param>
    Task<ILogPublisher> OpenPublisher(string producer, IPublishedPosition position, CancellationToken cancellationToken);

    /// <summary>
    /// Does what publishing a log takes, without publishing anything: so that a service has done it once before it is ready. An engine that
    /// has nothing to do at first does nothing here.
    /// </summary>
    Task RehearsePublishing(string topic, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Joins a consumer group, which continues at its stored offsets.</summary>
    /// <param name="offsets">Where the group keeps its offsets: the database in which it applies what it reads.</param>
    Task<IGroupConsumer> Join(string group, IReadOnlyCollection<string> topics, ConsumeOptions options, IGroupOffsets offsets, CancellationToken cancellationToken);

    /// <summary>
    /// The ends of these topics' partitions. Asks the broker, for a second at most, and answers with what was heard last where it
    /// does not answer in time. A partition that was never heard of is left out.
    /// </summary>
    Task<IReadOnlyList<PartitionEnds>> Ends(IReadOnlyCollection<string> topics, CancellationToken cancellationToken);

    /// <summary>As <see cref="Ends"/>, but of all partitions and as they are now; throws where the broker does not say.</summary>
    Task<IReadOnlyList<PartitionEnds>> EndsNow(IReadOnlyCollection<string> topics, CancellationToken cancellationToken);

    /// <summary>How many partitions each of these topics has. All of them exist.</summary>
    Task<IReadOnlyDictionary<string, int>> Partitions(IReadOnlyCollection<string> topics, CancellationToken cancellationToken);

    /// <summary>Whether any process is a member of the group.</summary>
    Task<bool> HasMembers(string group, CancellationToken cancellationToken);

    /// <summary>
    /// Tells the broker how far a group has got, for its tools. Nothing rests on it: it may be late, and it may fail. On Kafka the members
    /// do it themselves.
    /// </summary>
    Task NoteOffsets(string group, IReadOnlyCollection<OffsetMove> offsets, CancellationToken cancellationToken);

    /// <summary>Throws what is wrong when the broker cannot be used now; it can be used if it takes what is written.</summary>
    Task Ping(CancellationToken cancellationToken);

    /// <summary>Drops what has outlived the broker's retention. An engine that does so by itself does nothing here.</summary>
    Task ApplyRetention(CancellationToken cancellationToken);

    /// <summary>Whether these topics hold a record that was published before a time, by the broker's clock. When in doubt, yes.</summary>
    Task<bool> HoldsRecordsBefore(DateTimeOffset time, IReadOnlyCollection<string> topics, CancellationToken cancellationToken);
}

/// <summary>Publishes one event log, in order per key and topic.</summary>
/// <remarks>
/// What is acknowledged is published again only when the process ends before it was noted, or when the broker has lost it. An
/// exception ends the publisher: open another one, which continues behind what is acknowledged.
/// </remarks>
public interface ILogPublisher : IAsyncDisposable
{
    /// <summary>The position up to which everything is acknowledged as durable.</summary>
    long Acknowledged { get; }

    /// <summary>
    /// Publishes the next events of the log, in the order of their positions. Returns when the engine has taken them; they are durable when
    /// <see cref="Acknowledged"/> has reached them. Waits while too many are not acknowledged. On Kafka a partition without a leader
    /// holds up only its own records, until too many wait. Without records it only throws what has gone wrong since.
    /// </summary>
    /// <exception cref="MessageTooLargeException">One is over <see cref="BrokerLimits"/>.</exception>
    /// <exception cref="PublisherReplacedException">Another process publishes this log now.</exception>
    Task Publish(IReadOnlyList<LoggedRecord> records, CancellationToken cancellationToken);
}

/// <summary>How far an event log is published, kept in the log's own database.</summary>
public interface IPublishedPosition
{
    /// <summary>The last position noted; 0 before the first.</summary>
    Task<long> Read(CancellationToken cancellationToken);

    /// <summary>Moves it.</summary>
    /// <param name="from">What was read or noted last.</param>
    /// <param name="to">Everything up to here is acknowledged.</param>
    /// <exception cref="PublisherReplacedException">It is not at <paramref name="from"/>: another process has moved it.</exception>
    Task Move(long from, long to, CancellationToken cancellationToken);

    /// <summary>Whether the log has this event at this position. It has not after its database was restored from an older copy.</summary>
    Task<bool> Holds(long position, Guid eventId, CancellationToken cancellationToken);
}

/// <summary>Another process publishes this log now.</summary>
public sealed class PublisherReplacedException(string producer) : Exception($"Another process publishes the log of {producer} now.");

/// <summary>Where a group's offsets are kept: the database in which the group applies what it reads.</summary>
public interface IGroupOffsets
{
    /// <summary>The next offset to read, per topic and partition. One that was never moved is left out, and starts at the oldest record.</summary>
    Task<IReadOnlyDictionary<(string Topic, int Partition), long>> Read(IReadOnlyCollection<string> topics, CancellationToken cancellationToken);
}

/// <summary>How far a group gets in one topic partition by a batch.</summary>
/// <param name="From">Where the group's stored offset is, as its consumer knows it; 0 if there is none.</param>
/// <param name="To">The next offset to read.</param>
public sealed record OffsetMove(string Topic, int Partition, long From, long To);

/// <summary>One member of a consumer group.</summary>
/// <remarks>
/// Partition <i>p</i> of all the group's topics forms lane <i>p</i>. A lane belongs to one member at a time and its records
/// are handed out to one worker at a time, so what concerns one return is never worked on twice at once. On Kafka, whose
/// groups share single partitions, two members may each have some topics of a lane; their batches then queue at the lane's
/// lock in the inbox.
/// <para>
/// Every lane of a batch is to be committed or released exactly once. A batch may be divided: <c>batch with { Records = …, Lanes = … }</c>.
/// </para>
/// </remarks>
public interface IGroupConsumer : IAsyncDisposable
{
    /// <summary>Waits for records; hands out some of one or more idle lanes, in offset order per topic partition.</summary>
    Task<RecordBatch> Take(CancellationToken cancellationToken);

    /// <summary>What has to be stored once these records of a batch, and all before them in their partitions, are applied.</summary>
    IReadOnlyList<OffsetMove> Moves(IReadOnlyList<BrokerRecord> records);

    /// <summary>
    /// The records are applied, and all before them in their partitions: this member continues behind them. The batch's lanes are free again.
    /// </summary>
    /// <param name="stored">
    /// What of <see cref="Moves"/> is in the group's store now. The rest is stored with a later batch of the lane, which does no harm: what
    /// was passed over is passed over again.
    /// </param>
    void Commit(RecordBatch batch, IReadOnlyList<OffsetMove> stored);

    /// <summary>The lanes are free and will hand out again, after a pause, what was not committed.</summary>
    void Release(RecordBatch batch, TimeSpan pause);

    /// <summary>The stored offsets are not where this member believed: it looks them up again before it hands out these lanes.</summary>
    void LookUpAgain(RecordBatch batch);

    /// <summary>
    /// What was committed and not stored, of lanes that are idle. Those lanes are reserved until <see cref="Stored"/> is called with what this returned.
    /// </summary>
    IReadOnlyList<OffsetMove> Unstored();

    /// <summary>These are stored now, or could not be.</summary>
    void Stored(IReadOnlyList<OffsetMove> moves, bool succeeded);

    /// <summary>How far this member has read the partitions that it has; more than what is stored where records were passed over.</summary>
    IReadOnlyList<(string Topic, int Partition, long Next)> Places();
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

    /// <summary>
    /// While records come one upon the other, batches are handed out up to this far apart, so that a busy service gathers. A record that comes
    /// alone does not wait. Default 20 ms; 0 for none.
    /// </summary>
    public TimeSpan Gather { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Topic and kind of a record (<see cref="LoggedRecord.Kind"/>) → whether the group does anything with it. An engine may pass over the others
    /// without reading them. Null: all are read.
    /// </summary>
    public Func<string, string, bool>? Wants { get; set; }
}
