using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace EseErp.Registry;

/// <summary>How documents are stored and read: compact, camelCase, enums as text.</summary>
internal static class RegistryJson
{
    /// <summary>Deepest nesting of a document, as everywhere at the border.</summary>
    public const int MaxDepth = ServiceDefaults.StrictJson.MaxDepth;

    /// <summary>A record's members that are null are left out: they have not been said.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.Strict,
        MaxDepth = MaxDepth,
        Converters = { new JsonStringEnumConverter() },
    };

    public static string Text(JsonNode node) => node.ToJsonString(Options);

    public static JsonObject Object(string text) => JsonNode.Parse(text)!.AsObject();

    public static JsonObject Object(JsonElement element) => JsonObject.Create(element.Clone())!;
}
