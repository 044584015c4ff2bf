using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace EseErp.ServiceDefaults;

/// <summary>Writes one log entry as JSON, on the logging thread, because what it refers to may change right after.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "One per thread, for its life; the writer holds nothing but memory.")]
internal sealed partial class LogLine
{
    private const int LongestMessage = 8_000;
    private const int LongestValue = 2_000;
    private const int LongestException = 16_000;
    private const int MostNames = 2_000;

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Names as they appear in the line; null for those left out: secrets, and the framework's own ids.</summary>
    private static readonly ConcurrentDictionary<string, string?> Names = new(StringComparer.Ordinal);

    [ThreadStatic]
    private static LogLine? current;

    private readonly ArrayBufferWriter<byte> buffer = new(1024);
    private readonly Utf8JsonWriter writer;
    private readonly List<KeyValuePair<string, object>> properties = new(16);

    private LogLine() => writer = new Utf8JsonWriter(buffer, Json);

    public static LogLine ForThisThread => current ??= new LogLine();

    /// <summary>The line without its sequence: <c>"time":…}</c>, see <see cref="Complete"/>.</summary>
    public byte[] Write<TState>(
        string team, string category, LogLevel level, DateTimeOffset time, string message, TState state, Exception? exception,
        IExternalScopeProvider? scopes)
    {
        properties.Clear();
        scopes?.ForEachScope(static (scope, line) => line.Add(scope), this);
        Add(state);

        buffer.ResetWrittenCount();
        writer.Reset();
        writer.WriteStartObject();
        writer.WriteString("time"u8, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        writer.WriteString("level"u8, NameOf(level));
        writer.WriteString("team"u8, team);
        writer.WriteString("category"u8, category);
        writer.WriteString("message"u8, Clean(message, LongestMessage));
        if (Activity.Current is { } activity) writer.WriteString("traceId"u8, activity.TraceId.ToHexString());
        foreach (var (name, value) in properties) WriteProperty(name, value);
        if (exception is not null) writer.WriteString("exception"u8, Clean(exception.ToString(), LongestException));
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Puts the sequence in front, once it is known.</summary>
    public static byte[] Complete(byte[] line, long sequence)
    {
        Span<byte> digits = stackalloc byte[20];
        sequence.TryFormat(digits, out var length);
        var start = "{\"sequence\":"u8;
        var complete = new byte[start.Length + length + line.Length];
        start.CopyTo(complete);
        digits[..length].CopyTo(complete.AsSpan(start.Length));
        line.CopyTo(complete, start.Length + length);
        complete[start.Length + length] = (byte)',';
        return complete;
    }

    public static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => nameof(LogLevel.Trace),
        LogLevel.Debug => nameof(LogLevel.Debug),
        LogLevel.Information => nameof(LogLevel.Information),
        LogLevel.Warning => nameof(LogLevel.Warning),
        LogLevel.Error => nameof(LogLevel.Error),
        _ => nameof(LogLevel.Critical),
    };

    /// <summary>Cuts what is too long and hides passwords, as in a connection string quoted by an exception.</summary>
    public static string Clean(string text, int longest)
    {
        if (text.Length > longest) text = text[..longest] + "…";
        return text.Contains("pass", StringComparison.OrdinalIgnoreCase) || text.Contains("pwd", StringComparison.OrdinalIgnoreCase)
            ? Password().Replace(text, "$1=***")
            : text;
    }

    private void Add(object? from)
    {
        if (from is not IEnumerable<KeyValuePair<string, object?>> and not IEnumerable<KeyValuePair<string, object>>) return;
        if (from is IReadOnlyList<KeyValuePair<string, object?>> list)
        {
            for (var index = 0; index < list.Count; index++) Add(list[index].Key, list[index].Value);
            return;
        }

        foreach (var (name, value) in (IEnumerable<KeyValuePair<string, object?>>)from) Add(name, value);
    }

    /// <summary>An inner scope wins over an outer one, the message's own properties over both.</summary>
    private void Add(string rawName, object? value)
    {
        if (value is null || NameIn(rawName) is not { } name) return;
        for (var index = 0; index < properties.Count; index++)
        {
            if (properties[index].Key != name) continue;
            properties[index] = new(name, value);
            return;
        }

        properties.Add(new(name, value));
    }

    private void WriteProperty(string name, object value)
    {
        switch (value)
        {
            case string text: writer.WriteString(name, Clean(text, LongestValue)); break;
            case bool flag: writer.WriteBoolean(name, flag); break;
            case int number: writer.WriteNumber(name, number); break;
            case long number: writer.WriteNumber(name, number); break;
            case decimal number: writer.WriteNumber(name, number); break;
            case double number when double.IsFinite(number): writer.WriteNumber(name, number); break;
            case DateTimeOffset time: writer.WriteString(name, time); break;
            case DateTime time: writer.WriteString(name, time); break;
            case Guid id: writer.WriteString(name, id); break;
            case Enum or IFormattable or Uri or Type: writer.WriteString(name, Clean(value.ToString() ?? string.Empty, LongestValue)); break;
                // Anything else is no scalar; its place is the message.
        }
    }

    private static string? NameIn(string raw)
    {
        if (Names.TryGetValue(raw, out var known)) return known;
        var name = Shown(raw);
        if (Names.Count < MostNames) Names.TryAdd(raw, name);
        return name;
    }

    private static string? Shown(string raw) => raw switch
    {
        "{OriginalFormat}" or "RequestId" or "ConnectionId" or "SpanId" or "ParentId" or "TraceId" => null,
        _ when Secret().IsMatch(raw) => null,
        _ => JsonNamingPolicy.CamelCase.ConvertName(raw.TrimStart('@', '$')) switch
        {
            "sequence" or "time" or "level" or "team" or "category" or "message" or "exception" => "property." + raw,
            var name => name,
        },
    };

    [GeneratedRegex("password|passwd|secret|token|authorization|credential|connectionstring|apikey|cookie", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Secret();

    [GeneratedRegex(@"\b(password|passwd|pwd|passfile)\s*=\s*[^;\s""']*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Password();
}
