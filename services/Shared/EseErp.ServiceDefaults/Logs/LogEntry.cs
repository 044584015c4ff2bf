using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;

namespace EseErp.ServiceDefaults;

/// <summary>
/// One line of a team's log: <c>sequence, time, level, team, category, message</c>, and where known <c>returnId,
/// eventId, correlationId, traceId, exception</c> and other properties.
/// </summary>
[JsonConverter(typeof(LogEntryConverter))]
internal sealed class LogEntry(long sequence, LogLevel level, byte[] json)
{
    /// <summary>Rises with every entry, also across restarts.</summary>
    public long Sequence { get; } = sequence;

    public LogLevel Level { get; } = level;

    /// <summary>The entry as one line of JSON, without a line end.</summary>
    public ReadOnlyMemory<byte> Json { get; } = json;
}

internal sealed class LogEntryConverter : JsonConverter<LogEntry>
{
    public override LogEntry Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Log entries are only written.");

    public override void Write(Utf8JsonWriter writer, LogEntry value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Json.Span, skipInputValidation: true);
}
