using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging;

/// <summary>How a letter is closed.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeadLetterEnd>))]
internal enum DeadLetterEnd
{
    /// <summary>Its record was applied, or found to be applied before.</summary>
    Redriven,

    /// <summary>A person decided that it is not applied.</summary>
    Discarded,

    /// <summary>The projection is built again, so its record is read again.</summary>
    Dropped,
}

/// <summary>What is told of a letter; the service's facts take from it what they name.</summary>
/// <param name="Key">The record's key: of a return's event the return id.</param>
/// <param name="Team">The service that has the letter, such as <c>sales</c>.</param>
/// <param name="Group">Its consumer group; with the id it tells letters apart.</param>
/// <param name="EventType">Null where the record does not say.</param>
/// <param name="Again">It was reported before, with another reason.</param>
/// <param name="Outcome">Null while it is open.</param>
/// <param name="Note">Why it was discarded.</param>
/// <param name="By">Who discarded it.</param>
internal sealed record DeadLetterNotice(
    string Key, string Team, string Group, long LetterId, string Topic, string? EventType, DeadLetterReason Reason, bool Again, DeadLetterEnd? Outcome, string? Note,
    string? By);

/// <summary>
/// Tells of dead letters by facts in the service's own log, at the end of the unit of work that opens or closes them; a letter has a stream of its own.
/// Which facts, the service says (<see cref="Subscriptions.TellsOfDeadLetters{TOpened, TClosed}"/>).
/// </summary>
internal sealed class DeadLetterNews(Subscriptions subscriptions, EventTypes types, IOptions<MessagingOptions> options, TimeProvider clock)
{
    private const int MostTypeCharacters = 500;

    /// <param name="again">It was told of before, with another reason.</param>
    /// <param name="e">The event in the record, where it can be read.</param>
    public void Opened(DbContext db, long id, string topic, string key, string? type, DeadLetterReason reason, bool again, ReceivedEvent? e) =>
        Tell(db, Notice(id, topic, key, type, reason) with { Again = again }, e);

    /// <param name="note">Why it was discarded.</param>
    /// <param name="by">Who discarded it.</param>
    public void Closed(DbContext db, DeadLetter letter, DeadLetterEnd end, string? note = null, string? by = null) =>
        Tell(db, Notice(letter.Id, letter.Topic, letter.Key, letter.Type, letter.Reason) with { Outcome = end, Note = note, By = by }, null);

    // What calls itself by a longer name is no event of ours, and might not fit into one.
    private DeadLetterNotice Notice(long id, string topic, string key, string? type, DeadLetterReason reason) =>
        new(key, options.Value.Source.TrimStart('/'), options.Value.Group, id, topic, type?.Length > MostTypeCharacters ? null : type, reason, false, null, null, null);

    private void Tell(DbContext db, DeadLetterNotice notice, ReceivedEvent? e)
    {
        if (subscriptions.DeadLetterFacts is not { } facts) return;
        // Who listens to its own topic would hear of a letter that holds such news, fail on that as well, and so on for ever.
        if (notice.EventType is { } type && new[] { facts.Opened, facts.Closed }.Any(fact => EventVersion.NameOf(types.NameOf(fact)) == EventVersion.NameOf(type))) return;
        if (notice.Key.Length == 0 || Encoding.UTF8.GetByteCount(notice.Key) > EventStreams.MostSubjectBytes) return;
        var news = facts.Of(notice);
        var stream = $"dead-letter-{notice.Group}-{notice.LetterId}";
        // The attributes of another system's record may be anything that JSON can say.
        var recorded = new NewEvent(
            stream, notice.Key, Guid.CreateVersion7(), types.NameOf(news.GetType()), clock.GetUtcNow(),
            DeadLetters.Printable(e?.CorrelationId) ?? Guid.CreateVersion7().ToString("N"), e?.Id.ToString(),
            DeadLetters.Printable(e?.Coordination) ?? Coordination.Event, DeadLetters.Printable(e?.TraceParent),
            JsonSerializer.Serialize(news, news.GetType(), EventJson.Options));
        // Last, as readers of the log wait for whoever has begun to append.
        var writes = PendingWrites.Of(db);
        writes.AtTheEnd(() => EventStreams.Append([new StreamAppend(stream, null, [recorded])], writes));
    }
}

/// <summary>The facts by which a service tells of its dead letters.</summary>
internal sealed record DeadLetterFacts(Type Opened, Type Closed)
{
    private static readonly JsonSerializerOptions ByName = new(EventJson.Options) { RespectRequiredConstructorParameters = true };

    /// <exception cref="JsonException">The fact names something that a notice does not have.</exception>
    public object Of(DeadLetterNotice notice) => JsonSerializer.Deserialize(
        JsonSerializer.SerializeToUtf8Bytes(notice, ByName), notice.Outcome is null ? Opened : Closed, ByName)!;

    /// <summary>Fails at the start, and not with the first dead letter.</summary>
    public void Check()
    {
        var notice = new DeadLetterNotice("RMA-2026-000123", "sales", "sales", 1, "topic", null, DeadLetterReason.Exhausted, false, null, null, null);
        Of(notice);
        foreach (var end in Enum.GetValues<DeadLetterEnd>()) Of(notice with { Outcome = end });
    }
}
