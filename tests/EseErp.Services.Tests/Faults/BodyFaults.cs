using System.Text.Json;
using System.Text.Json.Nodes;
using EseErp.Services.Tests.Api;

namespace EseErp.Services.Tests.Faults;

/// <param name="Text">The whole body.</param>
internal sealed record BodyFault(string What, string Text, string? Field, bool MustBeRefused = true);

/// <summary>Everything that can be wrong with a JSON body, by its schema: one fault at a time in an otherwise good example.</summary>
internal static class BodyFaults
{
    public static IEnumerable<BodyFault> Of(Schema schema, JsonNode example, bool isRequired = true)
    {
        var good = example.ToJsonString();
        yield return new("empty body", "", "body", MustBeRefused: isRequired);
        yield return new("blank body", " \n", "body");
        yield return new("null", "null", "body", MustBeRefused: isRequired);
        yield return new("text instead of an object", "\"text\"", "body");
        yield return new("number instead of an object", "42", "body");
        yield return new("array instead of an object", $"[{good}]", "body");
        yield return new("cut off", good[..^1], null);
        yield return new("something behind", good + "x", null);
        yield return new("comma too many", good[..^1] + ",}", null);
        yield return new("a comment", "/* hello */" + good, null);
        yield return new("single quotes", good.Replace('"', '\''), null);
        yield return new("nested too deep", string.Concat(Enumerable.Repeat("[", 5000)), null);
        if (schema.Required.Count > 0) yield return new("empty object", "{}", schema.Required.First());
        foreach (var fault in In(schema, example, "", text => text)) yield return fault;
    }

    // What is wrong inside a value; `whole` builds the body around the value's text.
    private static IEnumerable<BodyFault> In(Schema schema, JsonNode? example, string path, Func<string, string> whole) => schema.Type switch
    {
        "object" when example is JsonObject members => InObject(schema, members, path, whole),
        "array" => InArray(schema, example as JsonArray ?? [], path, whole),
        _ => [],
    };

    private static IEnumerable<BodyFault> InObject(Schema schema, JsonObject example, string path, Func<string, string> whole)
    {
        var prefix = path.Length == 0 ? "" : path + ".";
        var members = example.Select(member => (Name: member.Key, Text: member.Value?.ToJsonString() ?? "null")).ToList();
        string Object(IEnumerable<(string Name, string Text)> all) =>
            whole($"{{{string.Join(",", all.Select(member => $"{JsonSerializer.Serialize(member.Name)}:{member.Text}"))}}}");
        string With(string name, params string[] texts) => Object(members.Where(member => member.Name != name).Concat(texts.Select(text => (name, text))));

        foreach (var (name, property) in schema.Properties)
        {
            var field = prefix + name;
            var required = schema.Required.Contains(name);
            if (required) yield return new($"{field} missing", With(name), field);
            yield return new($"{field} null", With(name, "null"), field, MustBeRefused: required && !property.MayBeNull);
            var value = example[name] ?? Sample(property);
            yield return new($"{field} given twice", With(name, value.ToJsonString(), value.ToJsonString()), field);
            var shouted = char.ToUpperInvariant(name[0]) + name[1..];
            yield return new($"{prefix}{shouted} instead of {field}", Object(members.Where(member => member.Name != name).Append((shouted, value.ToJsonString()))), prefix + shouted);
            foreach (var (what, text, bad) in ValueFaults.Of(property, required))
                yield return new($"{field} {what}", With(name, text), bad == Fault.OfSyntax ? "body" : field, bad != Fault.Perhaps);
            foreach (var fault in In(property, value, field, text => With(name, text))) yield return fault;
        }

        yield return new($"unknown {prefix}colour", With("colour", "\"red\""), prefix + "colour");
        yield return new($"unknown {prefix}__proto__", With("__proto__", "{\"a\":1}"), prefix + "__proto__");
    }

    private static IEnumerable<BodyFault> InArray(Schema schema, JsonArray example, string path, Func<string, string> whole)
    {
        if (schema.Items is not { } items) yield break;
        var item = (example.Count > 0 ? example[0] : Sample(items))!;
        yield return new($"{path} with null", whole("[null]"), $"{path}[0]");
        if (schema.MaxItems is { } most and < 10_000)
            yield return new($"{path} too long", whole($"[{string.Join(",", Enumerable.Repeat(item.ToJsonString(), most + 1))}]"), path);
        if (schema.MinItems > 0) yield return new($"{path} too short", whole("[]"), path);
        foreach (var (what, text, bad) in ValueFaults.Of(items, required: true))
            yield return new($"{path}[0] {what}", whole($"[{text}]"), bad == Fault.OfSyntax ? "body" : $"{path}[0]", bad != Fault.Perhaps);
        foreach (var fault in In(items, item, $"{path}[0]", text => whole($"[{text}]"))) yield return fault;
    }

    /// <summary>A value the schema allows, for what an example leaves out.</summary>
    public static JsonNode Sample(Schema schema) => schema switch
    {
        { Enum: [var first, ..] } => JsonValue.Create(first),
        { Type: "object" } => new JsonObject(schema.Properties.Where(property => schema.Required.Contains(property.Key))
            .Select(property => KeyValuePair.Create<string, JsonNode?>(property.Key, Sample(property.Value)))),
        { Type: "array" } => new JsonArray(),
        { Type: "integer" or "number" } => JsonValue.Create(schema.Minimum ?? 1),
        { Type: "boolean" } => JsonValue.Create(true),
        { Format: "date-time" } => JsonValue.Create("2026-11-20T15:42:34Z"),
        _ => JsonValue.Create(new string('X', Math.Max(1, schema.MinLength ?? 1))),
    };
}
