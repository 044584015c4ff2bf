using System.Text.Json.Nodes;

namespace EseErp.Contracts.Tests;

/// <summary>
/// How a published event may grow without a new version: by members that may be null and may be left out. Whoever does not know one
/// passes it over, and whoever reads an event from before has null.
/// </summary>
internal static class SchemaGrowth
{
    /// <summary>What else than such growth lies between two schemas.</summary>
    public static IEnumerable<string> Faults(JsonObject before, JsonObject after, string at = "")
    {
        foreach (var keyword in before.Select(entry => entry.Key).Union(after.Select(entry => entry.Key)).Except(["properties"]))
        {
            if (before[keyword] is JsonObject inner && after[keyword] is JsonObject now)
                foreach (var fault in Faults(inner, now, at)) yield return fault;
            else if (!JsonNode.DeepEquals(before[keyword], after[keyword]))
                yield return $"{(at.Length == 0 ? "it" : at)} has another '{keyword}'";
        }

        if (before["properties"] is not JsonObject old) yield break;
        var grown = after["properties"]?.AsObject() ?? [];
        foreach (var (name, member) in old)
        {
            if (grown[name] is not JsonObject now) yield return $"{at}{name} is gone";
            else
                foreach (var fault in Faults(member!.AsObject(), now, $"{at}{name}.")) yield return fault;
        }

        foreach (var (name, member) in grown.Where(entry => !old.ContainsKey(entry.Key)))
            if (member!["type"] is not JsonArray types || !types.Any(type => (string?)type == "null")) yield return $"{at}{name} is new and cannot be null";
    }
}
