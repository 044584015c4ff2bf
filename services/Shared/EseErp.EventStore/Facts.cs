using System.Text.Json;

namespace EseErp.EventStore;

/// <summary>
/// The facts a scope has recorded and not yet written. Written with one statement when the unit of work commits; a desk
/// only records.
/// </summary>
public sealed class Facts(EventTypes types, Causality causality, TimeProvider clock)
{
    private readonly List<NewEvent> _recorded = [];

    /// <summary>Records that something happened to a return.</summary>
    /// <param name="coordination"><c>event</c> or <c>traditional</c>: the mode the return is processed in.</param>
    /// <returns>The id of the event.</returns>
    public Guid Record(string returnId, object fact, string coordination) => Record(returnId, returnId, fact, coordination);

    /// <summary>Records what is kept in another stream than that of its subject, the key it is published with.</summary>
    /// <inheritdoc cref="Record(string, object, string)"/>
    public Guid Record(string streamId, string subject, object fact, string coordination)
    {
        var recorded = new NewEvent(
            streamId,
            subject,
            Guid.CreateVersion7(),
            types.NameOf(fact.GetType()),
            clock.GetUtcNow(),
            causality.CorrelationId,
            causality.CausationId,
            coordination,
            causality.TraceParent,
            JsonSerializer.Serialize(fact, fact.GetType(), EventJson.Options));
        _recorded.Add(recorded);
        return recorded.EventId;
    }

    /// <summary>How many facts wait to be written.</summary>
    public int Count => _recorded.Count;

    /// <summary>Forgets what was recorded, before another attempt.</summary>
    public void Clear() => _recorded.Clear();

    /// <summary>Hands over what was recorded, in order per stream, to be written with the rest.</summary>
    internal void Flush(PendingWrites writes)
    {
        if (_recorded.Count == 0) return;
        EventStreams.Append(_recorded.GroupBy(e => e.StreamId).Select(stream => new StreamAppend(stream.Key, null, stream.ToList())).ToList(), writes);
        _recorded.Clear();
    }
}
