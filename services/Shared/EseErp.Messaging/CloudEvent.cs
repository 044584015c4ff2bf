using System.Buffers;
using System.Text.Json;
using EseErp.EventStore;

namespace EseErp.Messaging;

/// <summary>An event as it came from the broker: CloudEvents 1.0 attributes and the fact itself.</summary>
/// <param name="Source">The publishing team, <c>/sales</c>.</param>
/// <param name="Subject">The return id.</param>
/// <param name="Time">UTC, whatever offset it was published with.</param>
/// <param name="Coordination"><c>event</c> or <c>traditional</c>.</param>
/// <param name="Type">The wire name it was published under.</param>
/// <param name="Message">The fact, in its newest version.</param>
public sealed record ReceivedEvent(
    Guid Id,
    string Source,
    string Type,
    string Subject,
    DateTimeOffset Time,
    string CorrelationId,
    string? CausationId,
    string Coordination,
    string? TraceParent,
    int StreamVersion,
    object Message);

/// <summary>The bytes are not an event of EseErp, or of a version this build does not know.</summary>
public sealed class UnreadableEventException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What becomes of it.</summary>
    internal DeadLetterReason Reason => Event is null ? DeadLetterReason.Unreadable : DeadLetterReason.UnknownVersion;

    /// <summary>The attributes of an event whose version is not known, with its type instead of the fact; null for what is no event.</summary>
    internal ReceivedEvent? Event { get; init; }
}

/// <summary>
/// CloudEvents 1.0 in structured JSON mode: everything is in the message value and nothing in broker headers, so that any
/// broker and any language can read it.
/// </summary>
public static class CloudEvent
{
    public const string ContentType = "application/cloudevents+json";

    /// <summary>Writes an event of the log as a message value.</summary>
    public static byte[] Write(RecordedEvent e, string source)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("specversion", "1.0");
            json.WriteString("id", e.EventId);
            json.WriteString("source", source);
            json.WriteString("type", e.Type);
            json.WriteString("subject", e.Subject);
            json.WriteString("time", e.Time.UtcDateTime);
            json.WriteString("datacontenttype", "application/json");
            json.WriteString("correlationid", e.CorrelationId);
            if (e.CausationId is not null) json.WriteString("causationid", e.CausationId);
            json.WriteString("coordination", e.Coordination);
            if (e.TraceParent is not null) json.WriteString("traceparent", e.TraceParent);
            json.WriteNumber("streamversion", e.StreamVersion);
            json.WritePropertyName("data");
            json.WriteRawValue(e.Data, skipInputValidation: true);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads only the type; null when there is none.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> value)
    {
        try
        {
            var json = new Utf8JsonReader(value);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isType = json.ValueTextEquals("type"u8);
                json.Read();
                if (isType) return json.TokenType == JsonTokenType.String ? json.GetString() : null;
                json.Skip();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON, or text that is no Unicode.
        }

        return null;
    }

    /// <summary>Reads a message value.</summary>
    /// <exception cref="UnreadableEventException">It is not JSON, lacks an attribute, or its type is not known.</exception>
    public static ReceivedEvent Read(byte[] value, EventTypes types) => Read(value, types, null, null)!;

    /// <summary>Reads a message value in one pass.</summary>
    /// <param name="wanted">Types to read; an event of another is passed over as soon as its type is seen. Null: all.</param>
    /// <param name="isUnknownVersion">Tells types that would be wanted if this build knew their version.</param>
    /// <returns>Null for an event of another type, whatever else is in it.</returns>
    /// <exception cref="UnreadableEventException">It is not JSON, lacks an attribute, or its type or version is not known.</exception>
    internal static ReceivedEvent? Read(byte[] value, EventTypes types, IReadOnlySet<string>? wanted, Func<string, bool>? isUnknownVersion)
    {
        try
        {
            var json = new Utf8JsonReader(value);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) throw new UnreadableEventException("The message is no JSON object.");
            Guid? id = null;
            string? source = null, type = null, subject = null, correlationId = null, causationId = null, coordination = null, traceParent = null;
            DateTimeOffset? time = null;
            int? streamVersion = null;
            var data = Range.All;
            var hasData = false;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("id"u8)) id = Next(ref json).GetGuid();
                else if (json.ValueTextEquals("source"u8)) source = Next(ref json).GetString();
                else if (json.ValueTextEquals("type"u8))
                {
                    type = Next(ref json).GetString();
                    if (type is not null && wanted?.Contains(type) == false && isUnknownVersion?.Invoke(type) != true) return null;
                }
                else if (json.ValueTextEquals("subject"u8)) subject = Next(ref json).GetString();
                else if (json.ValueTextEquals("time"u8)) time = Next(ref json).GetDateTimeOffset();
                else if (json.ValueTextEquals("correlationid"u8)) correlationId = Next(ref json).GetString();
                else if (json.ValueTextEquals("causationid"u8)) causationId = Next(ref json).GetString();
                else if (json.ValueTextEquals("coordination"u8)) coordination = CoordinationIn(ref json);
                else if (json.ValueTextEquals("traceparent"u8)) traceParent = Next(ref json).GetString();
                else if (json.ValueTextEquals("streamversion"u8)) streamVersion = Next(ref json).GetInt32();
                else if (json.ValueTextEquals("data"u8))
                {
                    // Read when the type is known, which may stand behind it.
                    json.Read();
                    var start = (int)json.TokenStartIndex;
                    json.Skip();
                    (data, hasData) = (start..(int)json.BytesConsumed, true);
                }
                else
                {
                    json.Skip();
                }
            }

            // Nothing may follow.
            json.Read();
            var isKnown = types.Find(Required(type, "type")) is not null;
            if (!isKnown && isUnknownVersion?.Invoke(type!) != true) throw new UnreadableEventException($"Event type {type} is not known to this build.");
            if (!hasData) throw new UnreadableEventException("The event has no data.");
            var e = new ReceivedEvent(
                Required(id, "id"), Required(source, "source"), type!, Required(subject, "subject"), SinceEpoch(Required(time, "time")),
                Required(correlationId, "correlationid"), causationId, Required(coordination, "coordination"), traceParent, Required(streamVersion, "streamversion"),
                isKnown ? types.Read(type!, value.AsSpan(data)) ?? throw new UnreadableEventException("The event has no data.") : type!);
            return isKnown ? e : throw new UnreadableEventException($"Event type {type} is of a version that is not known to this build.") { Event = e };
        }
        catch (Exception exception) when (exception is not UnreadableEventException)
        {
            // Nothing but the bytes, the record's own constructor and its upcasters take part in this, so whatever failed, they are to blame.
            throw new UnreadableEventException($"The message is not a CloudEvent of EseErp: {exception.Message}", exception);
        }
    }

    private static ref Utf8JsonReader Next(ref Utf8JsonReader json)
    {
        json.Read();
        return ref json;
    }

    // One of two texts, as a rule.
    private static string? CoordinationIn(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType != JsonTokenType.String ? json.GetString()
            : json.ValueTextEquals("event"u8) ? Coordination.Event
            : json.ValueTextEquals("traditional"u8) ? Coordination.Traditional
            : json.GetString();
    }

    private static string Required(string? value, string name) => value ?? throw new UnreadableEventException($"The event has no {name}.");

    private static T Required<T>(T? value, string name) where T : struct => value ?? throw new UnreadableEventException($"The event has no {name}.");

    // The inbox is partitioned by the day since 1970.
    private static DateTimeOffset SinceEpoch(DateTimeOffset time) => time >= DateTimeOffset.UnixEpoch
        ? time.ToUniversalTime()
        : throw new UnreadableEventException($"The event is of {time:O}.");
}
