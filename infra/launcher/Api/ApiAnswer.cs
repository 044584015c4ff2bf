using System.Text.Json;

namespace EseErp.Launcher.Api;

/// <summary>What a service answered; <see cref="Body"/> is always JSON, an empty object where there was none.</summary>
public sealed record ApiAnswer(string Team, Uri Address, int Status, JsonElement Body)
{
    public bool Succeeded => Status is >= 200 and < 300;

    /// <summary>The answer, if it is a good one.</summary>
    /// <exception cref="LauncherException">It is not; the message is the service's own explanation.</exception>
    public ApiAnswer Require() =>
        Succeeded ? this : throw new LauncherException($"{Team} answered {Status} to {Address}: {Body.Explanation()}");
}

/// <summary>Reads answers whose exact shape the launcher need not know.</summary>
internal static class Json
{
    public static string? Text(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value.Scalar() : null;

    /// <summary>A property that is text itself, or an object that carries it as <c>state</c> or <c>status</c>.</summary>
    public static string? State(this JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var value))
            return null;
        return value.ValueKind == JsonValueKind.Object ? value.Text("state") ?? value.Text("status") : value.Scalar();
    }

    public static IReadOnlyList<JsonElement> Items(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array
            ? [.. items.EnumerateArray()]
            : [];

    /// <summary>Title, detail and reasons of a problem, in one line.</summary>
    public static string Explanation(this JsonElement problem)
    {
        string?[] parts = [problem.Text("title"), problem.Text("detail"), problem.Text("reasons"), problem.Text("errors")];
        var known = parts.Where(part => !string.IsNullOrEmpty(part)).ToList();
        return known.Count > 0 ? string.Join(" · ", known) : problem.GetRawText();
    }

    /// <summary>Every value with its path, such as <c>cost.currency = EUR</c>; empty ones are left out.</summary>
    public static IEnumerable<(string Path, string Value)> Flatten(this JsonElement element, string path = "")
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                return element.EnumerateObject().SelectMany(property =>
                    property.Value.Flatten(path.Length == 0 ? property.Name : $"{path}.{property.Name}"));
            case JsonValueKind.Array when element.EnumerateArray().Any(item => item.ValueKind is JsonValueKind.Object or JsonValueKind.Array):
                return element.EnumerateArray().SelectMany((item, index) => item.Flatten($"{path}[{index}]"));
            case JsonValueKind.Null or JsonValueKind.Undefined:
                return [];
            default:
                return element.Scalar() is { Length: > 0 } text ? [(path, text)] : [];
        }
    }

    private static string? Scalar(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
            string.Join(", ", value.EnumerateArray().Select(item => item.GetString())),
        _ => value.GetRawText(),
    };
}
