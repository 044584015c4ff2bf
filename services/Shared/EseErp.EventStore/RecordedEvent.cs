namespace EseErp.EventStore;

/// <summary>An event as it stands in the log.</summary>
/// <param name="Position">Its place in the log; grows with each event, with gaps.</param>
/// <param name="StreamVersion">1 for the first event of the stream, then one more each.</param>
/// <param name="Subject">The return id; also the key of the message.</param>
/// <param name="Coordination"><c>event</c> or <c>traditional</c>.</param>
/// <param name="Type">The wire name it was recorded under.</param>
/// <param name="Data">The fact as JSON text, as it was recorded.</param>
public sealed record RecordedEvent(
    long Position,
    string StreamId,
    int StreamVersion,
    Guid EventId,
    string Type,
    string Subject,
    DateTimeOffset Time,
    string CorrelationId,
    string? CausationId,
    string Coordination,
    string? TraceParent,
    string Data)
{
    /// <summary>Reads the fact, in its newest version.</summary>
    public object Read(EventTypes types) => types.Read(Type, Data)!;
}

/// <summary>An event about to be appended.</summary>
public sealed record NewEvent(
    string StreamId,
    string Subject,
    Guid EventId,
    string Type,
    DateTimeOffset Time,
    string CorrelationId,
    string? CausationId,
    string Coordination,
    string? TraceParent,
    string Data);
