using System.Text.Json.Nodes;

namespace EseErp.Services.Tests.Api;

/// <summary>A JSON schema of an OpenAPI document, with references followed.</summary>
internal sealed class Schema
{
    private readonly JsonObject _document;
    private readonly JsonObject _json;
    private readonly string[] _types;

    public Schema(JsonObject json, JsonObject document)
    {
        _document = document;
        _json = Follow(json);
        _types = _json["type"] switch
        {
            JsonArray several => several.Select(type => (string)type!).ToArray(),
            JsonNode one => [(string)one!],
            _ => [],
        };
    }

    /// <summary>Such as <c>object</c> or <c>string</c>; null when the schema allows anything.</summary>
    public string? Type => _types.FirstOrDefault(type => type != "null");

    public bool MayBeNull => _types.Contains("null");

    public IReadOnlyList<string> Enum => _json["enum"] is JsonArray values ? values.Select(value => (string?)value).OfType<string>().ToArray() : [];

    public string? Format => (string?)_json["format"];

    public string? Pattern => (string?)_json["pattern"];

    public int? MinLength => (int?)_json["minLength"];

    public int? MaxLength => (int?)_json["maxLength"];

    public int? MinItems => (int?)_json["minItems"];

    public int? MaxItems => (int?)_json["maxItems"];

    public decimal? Minimum => (decimal?)_json["minimum"];

    public decimal? Maximum => (decimal?)_json["maximum"];

    public bool ForbidsUnknownMembers => _json["additionalProperties"] is JsonValue value && !(bool)value;

    public Schema? Items => _json["items"] is JsonObject items ? new Schema(items, _document) : null;

    public IReadOnlySet<string> Required => (_json["required"] as JsonArray)?.Select(name => (string)name!).ToHashSet() ?? [];

    public IReadOnlyDictionary<string, Schema> Properties =>
        (_json["properties"] as JsonObject)?.ToDictionary(property => property.Key, property => new Schema((JsonObject)property.Value!, _document)) ?? [];

    private JsonObject Follow(JsonObject json)
    {
        if ((string?)json["$ref"] is { } reference)
            return Follow((JsonObject)reference.TrimStart('#', '/').Split('/').Aggregate<string, JsonNode>(_document, (node, name) => node[name]!));
        // What may be null comes as a choice between null and the rest.
        if (json["oneOf"] is JsonArray choices)
        {
            var rest = (JsonObject)Follow(choices.OfType<JsonObject>().Single(choice => (string?)choice["type"] != "null")).DeepClone();
            rest["type"] = new JsonArray("null", rest["type"]?.DeepClone());
            return rest;
        }

        return json;
    }
}
