using System.Globalization;
using System.Text.Json;

namespace EseErp.Launcher.Logs;

/// <summary>One line of a team's log.</summary>
internal sealed record LogLine(DateTimeOffset Time, string Text, string? ReturnId)
{
    /// <summary>Null for a line that is not complete, or not JSON.</summary>
    public static LogLine? Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || !DateTimeOffset.TryParse(Value(root, "time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            {
                return null;
            }

            var returnId = Value(root, "returnId");
            var level = Value(root, "level") is { Length: > 0 } given && given != "Information" ? $"{given}: " : "";
            var exception = Value(root, "exception") is { Length: > 0 } thrown ? $"\n    {thrown.ReplaceLineEndings("\n    ")}" : "";
            var text = $"{time.ToLocalTime():HH:mm:ss.fff}  {Value(root, "team"),-13}  {returnId ?? "",-15}  {level}{Value(root, "message")}{exception}";
            return new LogLine(time, text, returnId);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Value(JsonElement line, string name) =>
        !line.TryGetProperty(name, out var value) ? null : value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => value.GetString(),
            _ => value.GetRawText(),
        };
}
