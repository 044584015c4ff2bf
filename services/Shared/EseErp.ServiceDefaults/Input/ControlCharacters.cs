using System.Text.Json;

namespace EseErp.ServiceDefaults;

/// <summary>
/// Keeps control characters out of a service. PostgreSQL refuses U+0000 in text, so one that got through would surface
/// as a 500 far from its cause. In bodies tab, line feed and carriage return are allowed, for text of several lines.
/// </summary>
internal static class ControlCharacters
{
    private const string Reason = "must not contain control characters";

    public static bool In(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (char.IsControl(character)) return true;
        }

        return false;
    }

    public static IReadOnlyDictionary<string, string[]> Refusal(string field) => InputErrors.One(field, Reason);

    /// <summary>Finds them at any depth, also in free-form members. JSON that does not parse is left to the binder.</summary>
    public static InputErrors InBody(ReadOnlyMemory<byte> body)
    {
        var errors = new InputErrors();
        // JSON allows a control character only as an escape, which makes the ordinary body cheap to clear.
        if (body.Span.IndexOf("\\u00"u8) < 0 && body.Span.IndexOf("\\b"u8) < 0 && body.Span.IndexOf("\\f"u8) < 0)
            return errors;
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = StrictJson.MaxDepth });
            Inspect(document.RootElement, InputErrors.Body, errors);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON, or a lone surrogate: binding says so with the position.
        }

        return errors;
    }

    private static void Inspect(JsonElement element, string path, InputErrors errors)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String when Forbidden(element.GetString()!):
                errors.Add(path, Reason);
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                    Inspect(item, $"{(path == InputErrors.Body ? string.Empty : path)}[{index++}]", errors);
                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    var name = path == InputErrors.Body ? member.Name : path + "." + member.Name;
                    if (Forbidden(member.Name)) errors.Add(name, Reason);
                    Inspect(member.Value, name, errors);
                }

                break;
        }
    }

    private static bool Forbidden(string text) => text.Any(character => char.IsControl(character) && character is not ('\t' or '\n' or '\r'));
}
