using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EseErp.ServiceDefaults;

/// <summary>
/// Explains a JSON body that did not bind. The serializer stops at the first fault; a client is better served by all of
/// them at once, each by its field. Runs only after a failure, so its cost does not matter.
/// </summary>
internal sealed class BodyDiagnosis(JsonSerializerOptions options)
{
    private readonly InputErrors errors = new();

    public static InputErrors Explain(ReadOnlyMemory<byte> body, Type type, JsonSerializerOptions options)
    {
        var diagnosis = new BodyDiagnosis(options);
        if (body.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            diagnosis.errors.Add(InputErrors.Body, "is required");
            return diagnosis.errors;
        }

        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = options.MaxDepth });
            diagnosis.Inspect(document.RootElement, options.GetTypeInfo(type), string.Empty);
        }
        catch (InvalidOperationException)
        {
            diagnosis.errors.Add(InputErrors.Body, "must be UTF-8 without lone surrogates");
        }
        catch (JsonException exception)
        {
            diagnosis.errors.Add(InputErrors.Body, exception.Message.Contains("maximum configured depth", StringComparison.Ordinal)
                ? $"must not be nested deeper than {options.MaxDepth} levels"
                : $"is not valid JSON (line {exception.LineNumber + 1}, position {exception.BytePositionInLine + 1})");
        }

        return diagnosis.errors;
    }

    private void Inspect(JsonElement element, JsonTypeInfo type, string path)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object when element.ValueKind == JsonValueKind.Object:
                InspectMembers(element, type, path);
                break;
            case JsonTypeInfoKind.Enumerable when element.ValueKind == JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                    InspectValue(item, type.ElementType!, $"{path}[{index++}]", mayBeNull: true);
                break;
            case JsonTypeInfoKind.Dictionary when element.ValueKind == JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                    InspectValue(member.Value, type.ElementType!, Join(path, member.Name), mayBeNull: true);
                break;
            default:
                InspectScalar(element, type, path);
                break;
        }
    }

    private void InspectMembers(JsonElement element, JsonTypeInfo type, string path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            var name = Join(path, member.Name);
            if (!seen.Add(member.Name)) errors.Add(name, "is given more than once");
            var property = type.Properties.FirstOrDefault(candidate => candidate.Name == member.Name);
            if (property is not null)
                InspectValue(member.Value, property.PropertyType, name, property.IsSetNullable || property.AssociatedParameter?.IsNullable == true);
            else if (!type.Properties.Any(candidate => candidate.IsExtensionData))
                errors.Add(name, Unknown(member.Name, type));
        }

        foreach (var property in type.Properties)
        {
            if (IsRequired(property) && !seen.Contains(property.Name))
                errors.Add(Join(path, property.Name), "is required");
        }
    }

    private bool IsRequired(JsonPropertyInfo property) =>
        property.IsRequired
        || (options.RespectRequiredConstructorParameters && property.AssociatedParameter is { HasDefaultValue: false, IsMemberInitializer: false });

    private static string Unknown(string name, JsonTypeInfo type)
    {
        var near = type.Properties.FirstOrDefault(candidate => string.Equals(candidate.Name, name, StringComparison.OrdinalIgnoreCase));
        return near is null ? "is not a known field" : $"is not a known field; write {near.Name}";
    }

    private void InspectValue(JsonElement element, Type type, string path, bool mayBeNull)
    {
        if (element.ValueKind != JsonValueKind.Null)
            Inspect(element, options.GetTypeInfo(type), path);
        else if (!mayBeNull || (type.IsValueType && Nullable.GetUnderlyingType(type) is null))
            errors.Add(path, "must not be null");
    }

    private void InspectScalar(JsonElement element, JsonTypeInfo type, string path)
    {
        try
        {
            if (type.Kind == JsonTypeInfoKind.None)
            {
                element.Deserialize(type);
                return;
            }
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or NotSupportedException)
        {
            // The value is not of the type; said below.
        }

        errors.Add(path.Length == 0 ? InputErrors.Body : path, Requirement.Of(type));
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : path + "." + name;
}

/// <summary>What a value must be, in words for a client.</summary>
internal static class Requirement
{
    public static string Of(JsonTypeInfo type) => type.Kind switch
    {
        JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "must be a JSON object",
        JsonTypeInfoKind.Enumerable => "must be a JSON array",
        _ => Of(type.Type),
    };

    public static string Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum) return EnumNames.Of(type).Requirement;
        if (type == typeof(int)) return $"must be a whole number from {int.MinValue} to {int.MaxValue}";
        if (type == typeof(long)) return $"must be a whole number from {long.MinValue} to {long.MaxValue}";
        if (type == typeof(short) || type == typeof(byte) || type == typeof(uint) || type == typeof(ulong)) return "must be a whole number in range";
        if (type == typeof(decimal) || type == typeof(double) || type == typeof(float)) return "must be a number in range";
        if (type == typeof(bool)) return "must be true or false";
        if (type == typeof(string)) return "must be text";
        if (type == typeof(Guid)) return "must be a UUID";
        if (type == typeof(DateTimeOffset) || type == typeof(DateTime)) return "must be a time such as 2026-11-20T15:42:34Z";
        if (type == typeof(DateOnly)) return "must be a date such as 2026-11-20";
        if (typeof(IEnumerable).IsAssignableFrom(type)) return "must be a JSON array";
        return "is not valid";
    }
}
