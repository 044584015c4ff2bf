using EseErp.EventStore;
using EseErp.ServiceDefaults;
using MassTransit;

namespace EseErp.Messaging;

/// <summary>What a service listens to. Written in its module, so that it can be read there in one look.</summary>
public sealed class Subscriptions
{
    private readonly Dictionary<string, List<Type>> _topics = [];

    /// <summary>Topic → consumers.</summary>
    internal IReadOnlyDictionary<string, List<Type>> Topics => _topics;

    internal bool Traditional { get; private set; }

    internal List<Type> BatchLoaders { get; } = [];

    /// <summary>Null for a service that tells nobody.</summary>
    internal DeadLetterFacts? DeadLetterFacts { get; private set; }

    /// <summary>Event → topic, for what does not go to the service's own topic.</summary>
    internal Dictionary<Type, string> Elsewhere { get; } = [];

    /// <summary>What is consumed for practice.</summary>
    internal List<RehearsedEvent> Rehearsed { get; } = [];

    /// <summary>Topics that a new group reads from their end.</summary>
    internal HashSet<string> FromNewest { get; } = [];

    /// <summary>Subscribes to a topic.</summary>
    /// <param name="from">Where the group starts when it has never read this topic.</param>
    public TopicSubscriptions Topic(string topic, StartFrom from = StartFrom.Beginning)
    {
        if (!_topics.TryGetValue(topic, out var consumers)) _topics[topic] = consumers = [];
        if (from == StartFrom.Newest) FromNewest.Add(topic);
        return new TopicSubscriptions(consumers);
    }

    /// <summary>
    /// Also hands over events of returns in traditional mode. Only for those who watch: a team reacts to no such event,
    /// because there User Support drives.
    /// </summary>
    public Subscriptions IncludeTraditional()
    {
        Traditional = true;
        return this;
    }

    /// <summary>
    /// Publishes this event to another topic than the service's own: a command, which is for its handler only. It is recorded
    /// like any fact, in the transaction that accepts it, and published by the same relay. Order holds per key within each
    /// topic, not between the two.
    /// </summary>
    public Subscriptions Sends<TEvent>(string topic) where TEvent : class
    {
        Elsewhere[typeof(TEvent)] = topic;
        return this;
    }

    /// <summary>
    /// Tells, by facts in the service's own log, of records that it set aside and of what became of them: recorded in the transaction that does
    /// so, and published with the record's key. The facts have members by the names of those of <see cref="DeadLetterNotice"/>. Of letters
    /// that hold such facts themselves nothing is told, nor of those without a key.
    /// </summary>
    public Subscriptions TellsOfDeadLetters<TOpened, TClosed>() where TOpened : class where TClosed : class
    {
        DeadLetterFacts = new DeadLetterFacts(typeof(TOpened), typeof(TClosed));
        DeadLetterFacts.Check();
        return this;
    }

    /// <summary>
    /// Has an event applied before the service says that it is ready, and rolled back (<see cref="HotPaths"/>): with all others that are named,
    /// in one batch and in this order. Nothing is published.
    /// </summary>
    /// <param name="topic">One that is subscribed to.</param>
    /// <param name="returnId">Of a return that nobody files; rows that a rehearsal locks keep others waiting.</param>
    public Subscriptions Rehearses(string topic, string returnId, object fact)
    {
        Rehearsed.Add(new RehearsedEvent(topic, returnId, fact));
        return this;
    }

    /// <summary>Loads what a batch needs before its events are dispatched; several do so in the order they are named in.</summary>
    public Subscriptions LoadsFirst<T>() where T : class, IBatchLoader
    {
        BatchLoaders.Add(typeof(T));
        return this;
    }
}

/// <summary>Where a consumer group starts to read a topic that it has never read. It goes on from its stored offsets ever after.</summary>
public enum StartFrom
{
    /// <summary>With the oldest record that the broker still has: the service builds a state of all that happened.</summary>
    Beginning,

    /// <summary>With what is published from now on: for a service whose effects must not be made for the past, such as mails.</summary>
    Newest,
}

/// <summary>The consumers of one topic.</summary>
public sealed class TopicSubscriptions
{
    private readonly List<Type> _consumers;

    internal TopicSubscriptions(List<Type> consumers) => _consumers = consumers;

    /// <summary>Runs a MassTransit consumer for the event types it consumes. What happens when it fails, its <see cref="RetryAttribute"/> says.</summary>
    public TopicSubscriptions Runs<TConsumer>() where TConsumer : class, IConsumer
    {
        _consumers.Add(typeof(TConsumer));
        return this;
    }
}

/// <summary>
/// Reads and locks what the events of a batch need, with one query per table and in key order, before they are dispatched.
/// </summary>
public interface IBatchLoader
{
    /// <summary>Asks for what can be read in the batch's first round trip, before it is known which events are new.</summary>
    void Want(IReadOnlyList<ReceivedEvent> events, BatchReads reads)
    {
    }

    /// <summary>Loads what depends on that, for the events that are new.</summary>
    Task Load(IReadOnlyList<ReceivedEvent> events, CancellationToken cancellationToken) => Task.CompletedTask;
}
