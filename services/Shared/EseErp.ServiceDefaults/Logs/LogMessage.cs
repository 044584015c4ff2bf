using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace EseErp.ServiceDefaults;

/// <summary>The message of a log entry for people: a value that is null is left out, and a time is ISO 8601 in UTC.</summary>
internal static partial class LogMessage
{
    public static string Of<TState>(TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var message = formatter(state, exception);
        // Formatted again only where that makes a difference, which is rare.
        var differs = message.Contains("(null)", StringComparison.Ordinal) || message.Contains(" +00:00", StringComparison.Ordinal);
        return (differs && state is IReadOnlyList<KeyValuePair<string, object?>> values ? Render(values) : null) ?? message;
    }

    /// <summary>Null where the template or a value is not one that can be rendered here.</summary>
    private static string? Render(IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        if (values.Count < 2 || values[values.Count - 1] is not { Key: "{OriginalFormat}", Value: string template }) return null;
        var message = new StringBuilder();
        var (end, leftOut) = (0, false);
        foreach (Match match in Placeholder().Matches(template))
        {
            Append(message, template[end..match.Index], leftOut);
            end = match.Index + match.Length;
            var found = values.FirstOrDefault(value => value.Key == match.Groups["name"].Value);
            if (found.Key is null || found.Value is IEnumerable and not string) return null;
            leftOut = found.Value is null;
            message.Append(Text(found.Value, match.Groups["format"].Value));
        }

        Append(message, template[end..], leftOut);
        return leftOut && end == template.Length ? message.ToString().TrimEnd(' ', ',', ':') : message.ToString();
    }

    // One of the two spaces around a value that is left out goes with it.
    private static void Append(StringBuilder message, string text, bool leftOut) =>
        message.Append(leftOut && text.StartsWith(' ') && message.Length > 0 && message[^1] == ' ' ? text.AsSpan(1) : text);

    private static string? Text(object? value, string format) => value switch
    {
        DateTimeOffset time when format.Length == 0 => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(format, CultureInfo.InvariantCulture),
        _ => value?.ToString(),
    };

    [GeneratedRegex(@"\{(?<name>[^{}:,]+)(?:,-?\d+)?(?::(?<format>[^{}]+))?\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Placeholder();
}
