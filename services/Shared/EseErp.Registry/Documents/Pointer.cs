using System.Globalization;
using System.Text.Json.Nodes;

namespace EseErp.Registry;

/// <summary>Paths into a document, as JSON Pointers (RFC 6901): <c>/parts/3/unitCost</c>.</summary>
internal static class Pointer
{
    public static string To(string path, string name) =>
        $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    public static string To(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}/{index}");

    /// <summary>What is there, null included. False when nothing is.</summary>
    public static bool TryRead(JsonObject document, string path, out JsonNode? value)
    {
        value = document;
        foreach (var name in Names(path))
        {
            switch (value)
            {
                case JsonObject members when members.TryGetPropertyValue(name, out var member): value = member; break;
                case JsonArray items when IndexOf(name) is var index && index < items.Count: value = items[index]; break;
                default: return false;
            }
        }

        return true;
    }

    public static void Write(JsonObject document, string path, JsonNode? value)
    {
        var (parent, name) = Place(document, path);
        if (parent is JsonArray items) items[IndexOf(name)] = value;
        else parent.AsObject()[name] = value;
    }

    public static void Remove(JsonObject document, string path)
    {
        var (parent, name) = Place(document, path);
        parent.AsObject().Remove(name);
    }

    private static (JsonNode Parent, string Name) Place(JsonObject document, string path)
    {
        var end = path.LastIndexOf('/');
        return TryRead(document, path[..end], out var parent) && parent is not null
            ? (parent, Unescape(path[(end + 1)..]))
            : throw new InvalidOperationException($"The document has no place {path}: the difference was made from another one.");
    }

    private static IEnumerable<string> Names(string path) => path.Split('/').Skip(1).Select(Unescape);

    private static string Unescape(string name) => name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static int IndexOf(string name) => int.Parse(name, NumberStyles.None, CultureInfo.InvariantCulture);
}
