using System.Text.Json.Nodes;

namespace EseErp.Registry;

/// <summary>JSON Merge Patch, RFC 7396: what clients send. Null removes a member; an array is replaced as a whole.</summary>
public static class MergePatch
{
    /// <summary>The target with the patch applied; both stay as they are.</summary>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes) return patch?.DeepClone();
        var result = target is JsonObject present ? (JsonObject)present.DeepClone() : [];
        foreach (var (name, value) in changes)
        {
            if (value is null) result.Remove(name);
            else result[name] = Apply(result[name], value);
        }

        return result;
    }
}
