using System.Text;
using System.Text.Json.Nodes;

namespace EseErp.Services.Tests.Api;

/// <summary>One operation of a service, as its OpenAPI document describes it.</summary>
internal sealed class Operation(string team, string method, string path, JsonObject json, JsonObject document)
{
    public string Team => team;

    public string Method => method;

    public string Path => path;

    public string? Summary => (string?)json["summary"];

    public IReadOnlyList<Parameter> Parameters { get; } = (json["parameters"] as JsonArray ?? [])
        .Select(parameter => new Parameter((JsonObject)parameter!, document)).ToList();

    public IEnumerable<Parameter> PathParameters => Parameters.Where(parameter => parameter.In == "path");

    public IEnumerable<Parameter> QueryParameters => Parameters.Where(parameter => parameter.In == "query");

    public bool TakesIdempotencyKey => Parameters.Any(parameter => parameter is { In: "header", Name: "Idempotency-Key" });

    public Schema? Body => Media?["schema"] is JsonObject schema ? new Schema(schema, document) : null;

    /// <summary>Whether a request without a body is refused.</summary>
    public bool BodyIsRequired => (bool?)json["requestBody"]?["required"] ?? false;

    public JsonNode? Example => Media?["example"];

    public IReadOnlyDictionary<int, JsonObject> Responses { get; } = ((JsonObject)json["responses"]!)
        .ToDictionary(response => int.Parse(response.Key), response => (JsonObject)response.Value!);

    /// <summary>The schema of the JSON answered with success, if it is JSON.</summary>
    public Schema? Answer => Responses.Where(response => response.Key < 300)
        .Select(response => response.Value["content"]?["application/json"]?["schema"])
        .OfType<JsonObject>().Select(schema => new Schema(schema, document)).FirstOrDefault();

    /// <summary>A list that is paged by cursor.</summary>
    public bool IsList => method == "GET" && Answer?.Properties is { } members && members.ContainsKey("items") && members.ContainsKey("next");

    public bool IsStream => Responses.Any(response => response.Value["content"]?["text/event-stream"] is not null) || path.EndsWith("/stream", StringComparison.Ordinal);

    /// <summary>What its body is sent as.</summary>
    public string MediaType => (json["requestBody"]?["content"] as JsonObject)?.First().Key ?? "application/json";

    private JsonNode? Media => json["requestBody"]?["content"]?[MediaType];

    /// <summary>The address with these values, or else the documented examples, in the path.</summary>
    public string Address(string query = "", params (string Name, string Value)[] values) => PathParameters.Aggregate(path, (address, parameter) =>
        address.Replace(
            $"{{{parameter.Name}}}",
            values.FirstOrDefault(value => value.Name == parameter.Name).Value ?? Uri.EscapeDataString(parameter.Example ?? "unknown"))) + query;

    public HttpRequestMessage Request(string? address = null, string? body = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), address ?? Address());
        body ??= Example?.ToJsonString();
        if (Body is not null) request.Content = new StringContent(body ?? "{}", Encoding.UTF8, MediaType);
        // Swagger UI sends no content type without a body; that it is its own page's, its browser says.
        else if (method is not "GET") request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", "same-origin");
        foreach (var header in Parameters.Where(parameter => parameter is { In: "header", Example: not null }))
            request.Headers.TryAddWithoutValidation(header.Name, header.Example);
        return request;
    }

    public override string ToString() => $"{team}: {method} {path}";
}

internal sealed class Parameter(JsonObject json, JsonObject document)
{
    public string Name { get; } = (string)json["name"]!;

    public string In { get; } = (string)json["in"]!;

    public string? Description { get; } = (string?)json["description"];

    public string? Example { get; } = json["example"]?.ToString();

    public Schema Schema { get; } = new((JsonObject)json["schema"]!, document);
}
