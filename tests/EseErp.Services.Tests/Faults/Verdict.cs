using System.Text.Json;
using System.Text.Json.Nodes;

namespace EseErp.Services.Tests.Faults;

/// <summary>Whether an answer to a probe is right.</summary>
internal static class Verdict
{
    private static readonly string[] Members = ["type", "title", "detail", "instance", "traceId"];

    /// <summary>What is wrong with the answer; null when nothing is.</summary>
    public static async Task<string?> Of(Probe probe, HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        if (status >= 500) return $"{status}: {Short(await answer.Content.ReadAsStringAsync())}";
        if (status < 400) return probe.MustBeRefused ? $"answered {status} and not refused" : null;
        if (status is not (405 or 414) && !probe.Operation.Responses.ContainsKey(status)) return $"answered {status}, which is not documented";

        var text = await answer.Content.ReadAsStringAsync();
        if (probe.Statuses is { Length: > 0 } right && !right.Contains(status) && probe.MustBeRefused && status != 414)
            return $"answered {status} and not {string.Join(" or ", right)}: {Short(text)}";
        return FaultOf(text, status, answer.Content.Headers.ContentType?.MediaType)
            ?? (probe.MustBeRefused && probe.Field is not null && !Names(text, probe.Field) ? $"does not name {probe.Field}: {Short(text)}" : null);
    }

    private static string? FaultOf(string text, int status, string? mediaType)
    {
        if (mediaType != "application/problem+json") return $"{status} is not a problem document but {mediaType}: {Short(text)}";
        JsonObject problem;
        try
        {
            problem = JsonNode.Parse(text)!.AsObject();
        }
        catch (JsonException)
        {
            return $"{status} is not JSON: {Short(text)}";
        }

        if ((int?)problem["status"] != status) return $"the problem has another status than {status}: {Short(text)}";
        return Members.FirstOrDefault(member => string.IsNullOrEmpty((string?)problem[member])) is { } missing ? $"the problem has no {missing}: {Short(text)}" : null;
    }

    private static bool Names(string text, string field) => JsonNode.Parse(text)!["errors"] is JsonObject errors
        && errors.Any(error => error.Key == field && error.Value is JsonArray { Count: > 0 });

    private static string Short(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
