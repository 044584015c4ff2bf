using System.Text.Json;

namespace EseErp.SystemTests.Running;

/// <summary>What a service answered, to the letter.</summary>
public sealed record Answer(int Status, string Body, string? Location)
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web);

    public JsonElement Json => JsonElement.Parse(Body);

    /// <summary>The body as a contract; an answer of another status fails the test with its text.</summary>
    public T As<T>(int status = 200)
    {
        Status.ShouldBe(status, Body);
        return JsonSerializer.Deserialize<T>(Body, Options)!;
    }

    /// <summary>The answer itself, after a look at its status.</summary>
    public Answer Expect(int status)
    {
        Status.ShouldBe(status, Body);
        return this;
    }
}

/// <summary>Reads answers that have no contract.</summary>
public static class Json
{
    /// <summary>A value by its path, such as <c>facets.refund.state</c>; as text.</summary>
    public static string? Text(this JsonElement element, string path)
    {
        foreach (var name in path.Split('.'))
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return null;
        return element.ValueKind is JsonValueKind.Null ? null : element.ToString();
    }

    public static bool Is(this JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    public static List<JsonElement> List(this JsonElement element, string name) => element.GetProperty(name).EnumerateArray().ToList();
}
