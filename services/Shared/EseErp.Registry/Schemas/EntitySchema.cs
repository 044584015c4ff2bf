using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EseErp.Registry;

/// <summary>One version of the JSON Schema of an entity type. Writes are held against the newest.</summary>
public sealed class EntitySchema
{
    private EntitySchema(int version, JsonElement json, Shape shape) => (Version, Json, Shape) = (version, json, shape);

    /// <summary>1 for the first.</summary>
    public int Version { get; }

    /// <summary>The schema, as people and programs read it.</summary>
    public JsonElement Json { get; }

    internal Shape Shape { get; }

    /// <param name="json">JSON Schema 2020-12, as much of it as <see cref="Registry.Shape"/> checks.</param>
    /// <exception cref="InvalidOperationException">It uses what is not checked.</exception>
    public static EntitySchema Of(string type, int version, string json)
    {
        var schema = RegistryJson.Object(json);
        var named = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = $"/registry/{type}/schema?version={version.ToString(CultureInfo.InvariantCulture)}",
        };
        foreach (var (name, value) in schema) named[name] = value?.DeepClone();
        var element = JsonSerializer.SerializeToElement(named);
        return new EntitySchema(version, element, Shape.Of(element));
    }

    /// <summary>The versions embedded in an assembly as <c>Registry/{type}.v{version}.json</c>, the first first.</summary>
    /// <exception cref="InvalidOperationException">There is none, or a number is left out.</exception>
    public static IReadOnlyList<EntitySchema> Embedded(Assembly assembly, string type)
    {
        var schemas = new List<EntitySchema>();
        for (var version = 1; assembly.GetManifestResourceStream($"Registry/{type}.v{version}.json") is { } stream; version++)
        {
            using var text = new StreamReader(stream);
            schemas.Add(Of(type, version, text.ReadToEnd()));
        }

        var present = assembly.GetManifestResourceNames().Count(name => name.StartsWith($"Registry/{type}.v", StringComparison.Ordinal));
        return schemas.Count > 0 && schemas.Count == present
            ? schemas
            : throw new InvalidOperationException($"{assembly.GetName().Name} must embed Registry/{type}.v1.json and on, without a gap.");
    }

    /// <summary>Adds what is wrong with a whole document.</summary>
    public void Check(JsonElement document, Faults faults) => Shape.Check(document, "", patch: false, faults);

    /// <summary>Adds what would be wrong with a merge patch whatever it is applied to.</summary>
    public void CheckPatch(JsonElement patch, Faults faults)
    {
        if (patch.ValueKind == JsonValueKind.Null) faults.Add("", "must be a JSON object");
        else Shape.Check(patch, "", patch: true, faults);
    }
}
