using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace EseErp.Registry;

/// <summary>A field that changed.</summary>
/// <param name="Path">A JSON Pointer (RFC 6901), such as <c>/parts/3/unitCost</c>.</param>
/// <param name="Before">Left out when the field was not there.</param>
/// <param name="After">Left out when the field is no longer there. Null is a value like any other.</param>
public sealed record FieldChange(
    string Path,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Before,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? After);

/// <summary>
/// What made one version of a document from the one before, field by field: <c>{"set": {"/landedCost": 12.5}, "removed":
/// ["/note"]}</c>. Unlike a merge patch it tells a field set to null from one that is gone. An array of the same length is
/// compared item by item, one of another length is a new value as a whole.
/// </summary>
public sealed class Difference
{
    private readonly List<(string Path, JsonNode? Value)> _set = [];
    private readonly List<string> _removed = [];

    private Difference()
    {
    }

    /// <summary>Nothing has changed.</summary>
    public bool IsEmpty => _set.Count == 0 && _removed.Count == 0;

    /// <summary>What makes the second document from the first. Numbers are compared by value: 1.0 is 1.</summary>
    public static Difference Between(JsonObject before, JsonObject after)
    {
        var difference = new Difference();
        difference.Compare(before, after, "");
        return difference;
    }

    /// <summary>Changes a document that equals the one before into the one after.</summary>
    public void ApplyTo(JsonObject document)
    {
        foreach (var path in _removed) Pointer.Remove(document, path);
        foreach (var (path, value) in _set) Pointer.Write(document, path, value?.DeepClone());
    }

    /// <summary>The same for people to read, with what was there before.</summary>
    public IReadOnlyList<FieldChange> Changes(JsonObject before) =>
    [
        .. _set.Select(field => new FieldChange(field.Path, Value(before, field.Path), Element(field.Value))),
        .. _removed.Select(path => new FieldChange(path, Value(before, path), null)),
    ];

    public string ToJson()
    {
        var json = new JsonObject();
        if (_set.Count > 0) json["set"] = new JsonObject(_set.Select(field => KeyValuePair.Create(field.Path, field.Value?.DeepClone())));
        if (_removed.Count > 0) json["removed"] = new JsonArray([.. _removed.Select(path => JsonValue.Create(path))]);
        return RegistryJson.Text(json);
    }

    public static Difference Parse(string text)
    {
        var json = RegistryJson.Object(text);
        var difference = new Difference();
        foreach (var (path, value) in json["set"] as JsonObject ?? []) difference._set.Add((path, value));
        foreach (var path in json["removed"] as JsonArray ?? []) difference._removed.Add((string)path!);
        return difference;
    }

    private void Compare(JsonNode? before, JsonNode? after, string path)
    {
        if (before is JsonObject was && after is JsonObject becomes)
        {
            foreach (var (name, value) in was)
            {
                if (becomes.TryGetPropertyValue(name, out var now)) Compare(value, now, Pointer.To(path, name));
                else _removed.Add(Pointer.To(path, name));
            }

            foreach (var (name, value) in becomes)
            {
                if (!was.ContainsKey(name)) _set.Add((Pointer.To(path, name), value?.DeepClone()));
            }
        }
        else if (before is JsonArray items && after is JsonArray others && items.Count == others.Count)
        {
            for (var index = 0; index < items.Count; index++) Compare(items[index], others[index], Pointer.To(path, index));
        }
        else if (!JsonNode.DeepEquals(before, after))
        {
            _set.Add((path, after?.DeepClone()));
        }
    }

    private static JsonElement? Value(JsonObject document, string path) => Pointer.TryRead(document, path, out var value) ? Element(value) : null;

    private static JsonElement Element(JsonNode? value) => JsonSerializer.SerializeToElement(value);
}
