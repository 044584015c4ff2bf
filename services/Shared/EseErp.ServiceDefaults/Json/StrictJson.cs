using System.Text.Json;
using System.Text.Json.Serialization;

namespace EseErp.ServiceDefaults;

/// <summary>
/// How JSON is read and written at a service's border: camelCase, enums as text, nothing guessed. What a client sends
/// must say exactly what the contract says, because a misspelt optional field would otherwise be lost in silence.
/// </summary>
public static class StrictJson
{
    /// <summary>Deepest nesting accepted or written.</summary>
    public const int MaxDepth = 32;

    /// <summary>Makes <paramref name="options"/> strict.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.MaxDepth = MaxDepth;
        options.Converters.Add(new StrictEnumConverterFactory());
    }
}
