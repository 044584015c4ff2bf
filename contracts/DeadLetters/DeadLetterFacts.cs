using System.Text.Json.Serialization;

namespace EseErp.Contracts.DeadLetters;

/// <summary>
/// A service could not apply a record and has set it aside, together with the later ones of the same key. The service publishes this itself,
/// to its own topic. If its consumers fail at this fact, that is not reported again.
/// </summary>
/// <param name="Key">The record's key: of a return's event the return id.</param>
/// <param name="Team">The service that has the letter, such as <c>sales</c>.</param>
/// <param name="Group">Its consumer group; together with the letter id it identifies the letter.</param>
/// <param name="LetterId">The letter is at the team, <c>/dead-letters/{id}</c>.</param>
/// <param name="Topic">Where the record was read.</param>
/// <param name="EventType">The wire name in the record; null when it has none.</param>
/// <param name="Reason">A word such as <c>Exhausted, Unreadable, UnknownVersion, Behind, Conflict</c>; others may come.</param>
/// <param name="Again">It was reported before, with another reason.</param>
[EventType("ese.dead-letters.dead-letter-opened.v1")]
public sealed record DeadLetterOpened(
    string Key, string Team, string Group, long LetterId, string Topic, string? EventType, string Reason, bool Again);

/// <summary>A dead letter is closed.</summary>
/// <param name="Key">The record's key.</param>
/// <param name="Team">The service that had the letter.</param>
/// <param name="Group">Its consumer group.</param>
/// <param name="Note">Why it was discarded, for people, at most 500 characters; null otherwise.</param>
/// <param name="By">Who decided to discard it, at most 200 characters; null otherwise, and in events from before names were recorded.</param>
[EventType("ese.dead-letters.dead-letter-closed.v2")]
public sealed record DeadLetterClosed(string Key, string Team, string Group, long LetterId, DeadLetterOutcome Outcome, string? Note, string? By)
    : INextVersionOf<DeadLetterClosedV1, DeadLetterClosed>
{
    public static DeadLetterClosed From(DeadLetterClosedV1 earlier) =>
        new(earlier.Key, earlier.Team, earlier.Group, earlier.LetterId, earlier.Outcome, earlier.Note, null);
}

/// <summary>A dead letter is closed, as recorded before the event had the name of the person.</summary>
[EventType("ese.dead-letters.dead-letter-closed.v1")]
public sealed record DeadLetterClosedV1(string Key, string Team, string Group, long LetterId, DeadLetterOutcome Outcome, string? Note);

/// <summary>What happened to a dead letter.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeadLetterOutcome>))]
public enum DeadLetterOutcome
{
    /// <summary>Its record was applied, or found to be applied before.</summary>
    Redriven,

    /// <summary>A person decided that its record is never applied.</summary>
    Discarded,

    /// <summary>The projection is built again, so its record is read again.</summary>
    Dropped,
}
