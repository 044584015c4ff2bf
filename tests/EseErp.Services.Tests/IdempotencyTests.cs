using System.Text.Json.Nodes;
using EseErp.Services.Tests.Api;
using EseErp.Services.Tests.Running;
using Xunit.Abstractions;

namespace EseErp.Services.Tests;

/// <summary>A retry with the same key is answered like the first request, to the letter, and does nothing a second time.</summary>
[Collection(SystemCollection.Name)]
public sealed class IdempotencyTests(RunningSystem system, ITestOutputHelper output)
{
    public static TheoryData<string> Teams => RunningSystem.Teams;

    [Theory]
    [MemberData(nameof(Teams))]
    public async Task Should_answer_a_retry_as_the_first_request(string team)
    {
        // One key for all endpoints: a key belongs to the endpoint it was used at.
        var key = Guid.NewGuid().ToString();
        var answered = new List<Operation>();
        foreach (var operation in Keyed(team))
        {
            var first = await Send(operation, key, operation.Example?.ToJsonString());
            first.Status.ShouldBeOneOf([.. operation.Responses.Keys.Where(status => status is < 500 and not 422)]);
            if (first.Status is not (< 300 or 409)) continue;
            var written = await system.Ledger.Quiet();

            (await Send(operation, key, operation.Example?.ToJsonString())).ShouldBe(first, operation.ToString());
            (await Send(operation, key, Respaced(operation.Example))).ShouldBe(first, operation.ToString());
            if (Other(operation) is { } other) await ShouldRefuse(operation, key, other);
            Ledger.Changes(written, await system.Ledger.Quiet()).ShouldBeEmpty(operation.ToString());
            answered.Add(operation);
        }

        output.WriteLine($"{answered.Count} of {Keyed(team).Count} operations answered");
        // All that need nothing but a body, at least.
        Keyed(team).Where(operation => !operation.PathParameters.Any()).Except(answered).ShouldBeEmpty();
    }

    [Fact]
    public async Task Should_answer_a_retry_of_a_traditional_return_as_the_first_request()
    {
        var operation = system.Document("user-support").Operation("POST", "/returns");
        var body = operation.Example!.DeepClone();
        body["mode"] = "traditional";
        var key = Guid.NewGuid().ToString();

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Send(operation, key, body.ToJsonString())));
        answers[0].Status.ShouldBeOneOf(201, 409);
        foreach (var answer in answers) answer.ShouldBe(answers[0]);
        await ShouldRefuse(operation, key, operation.Example!.ToJsonString());
    }

    // What needs nothing comes first, as it may make what the others need; receipts after what they are receipts of.
    private List<Operation> Keyed(string team) => system.Operations(team)
        .Where(operation => operation.TakesIdempotencyKey)
        .OrderBy(operation => operation.PathParameters.Any())
        .ThenBy(operation => operation.Responses.ContainsKey(404))
        .ToList();

    private async Task ShouldRefuse(Operation operation, string key, string body)
    {
        var answer = await Send(operation, key, body);
        answer.Status.ShouldBe(422, $"{operation}: {answer.Body}");
        JsonNode.Parse(answer.Body)!["errors"]!["Idempotency-Key"].ShouldNotBeNull();
    }

    private async Task<Answer> Send(Operation operation, string key, string? body)
    {
        using var request = operation.Request(body: body);
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await system.Send(operation, request);
        return new Answer(
            (int)answer.StatusCode, answer.Headers.Location?.ToString(), answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync());
    }

    private static string? Respaced(JsonNode? body) => body is null ? null : $"\n {body.ToJsonString(new(System.Text.Json.JsonSerializerDefaults.Web) { WriteIndented = true })} \n";

    /// <summary>Another body that is as good; null when the schema leaves no choice.</summary>
    private static string? Other(Operation operation)
    {
        if (operation is not { Body: { } schema, Example: { } example }) return null;
        var other = example.DeepClone();
        return Change(schema, other) ? other.ToJsonString() : null;
    }

    private static bool Change(Schema schema, JsonNode? value)
    {
        if (value is JsonArray { Count: > 0 } items) return Change(schema.Items!, items[0]);
        if (value is not JsonObject members) return false;
        foreach (var (name, property) in schema.Properties.Where(property => members[property.Key] is not null))
        {
            JsonNode? changed = property switch
            {
                { Enum.Count: > 1 } => property.Enum.First(choice => choice != (string?)members[name]),
                { Type: "string", Pattern: null, MinLength: not 3 } => (string?)members[name] + "X",
                { Type: "integer" or "number" } when (decimal)members[name]! < property.Maximum => (decimal)members[name]! + 1,
                _ => null,
            };
            if (changed is null && Change(property, members[name])) return true;
            if (changed is null) continue;
            members[name] = changed;
            return true;
        }

        return false;
    }

    private sealed record Answer(int Status, string? Location, string? MediaType, string Body);
}
