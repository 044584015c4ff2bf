using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace EseErp.Services.Tests.Api;

/// <summary>What a service says about itself at <c>/openapi/v1.json</c>.</summary>
internal sealed class ServiceDocument(string team, JsonObject json)
{
    public IReadOnlyList<Operation> Operations { get; } = ((JsonObject)json["paths"]!)
        .SelectMany(path => ((JsonObject)path.Value!).Select(operation =>
            new Operation(team, operation.Key.ToUpperInvariant(), path.Key, (JsonObject)operation.Value!, json)))
        .ToList();

    public Operation Operation(string method, string path) => Operations.Single(operation => operation.Method == method && operation.Path == path);

    /// <summary>Whether a request with this method would reach an operation at the place another one has.</summary>
    public bool Has(string method, string path) => Operations.Any(operation => operation.Method == method && Overlap(operation.Path, path));

    public static async Task<ServiceDocument> Read(HttpClient client, string team) =>
        new(team, (await client.GetFromJsonAsync<JsonObject>("/openapi/v1.json"))!);

    private static bool Overlap(string one, string other)
    {
        var (left, right) = (one.Split('/'), other.Split('/'));
        return left.Length == right.Length && left.Zip(right).All(part => part.First == part.Second || part.First.StartsWith('{') || part.Second.StartsWith('{'));
    }
}
