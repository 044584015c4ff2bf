using System.Buffers;
using System.Text.Json;
using EseErp.EventStore;

namespace EseErp.Messaging;

/// <summary>An event as it came from the broker: CloudEvents 1.0 attributes and the fact itself.</summary>
/// <param name="Source">The publishing team, <c>/sales</c>.</param>
/// <param name="Subject">The return id.</param>
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
public sealed class UnreadableEventException(string message, Exception? inner = null) : Exception(message, inner);

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
    public static ReceivedEvent Read(byte[] value, EventTypes types)
    {
        try
        {
            using var document = JsonDocument.Parse(value);
            var root = document.RootElement;
            var type = Text(root, "type");
            if (types.Find(type) is null) throw new UnreadableEventException($"Event type {type} is not known to this build.");
            return new ReceivedEvent(
                root.GetProperty("id").GetGuid(),
                Text(root, "source"),
                type,
                Text(root, "subject"),
                Time(root),
                Text(root, "correlationid"),
                OptionalText(root, "causationid"),
                Text(root, "coordination"),
                OptionalText(root, "traceparent"),
                root.GetProperty("streamversion").GetInt32(),
                types.Read(type, root.GetProperty("data"))
                    ?? throw new UnreadableEventException("The event has no data."));
        }
        catch (Exception exception) when (exception is not UnreadableEventException)
        {
            // Nothing but the bytes, the record's own constructor and its upcasters take part in this, so whatever failed, they are to blame.
            throw new UnreadableEventException($"The message is not a CloudEvent of EseErp: {exception.Message}", exception);
        }
    }

    private static string Text(JsonElement root, string name) =>
        root.GetProperty(name).GetString() ?? throw new UnreadableEventException($"The event's {name} is null.");

    // The inbox is partitioned by the day since 1970.
    private static DateTimeOffset Time(JsonElement root) => root.GetProperty("time").GetDateTimeOffset() is var time && time >= DateTimeOffset.UnixEpoch
        ? time
        : throw new UnreadableEventException($"The event is of {time:O}.");

    private static string? OptionalText(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) ? value.GetString() : null;
}
