using System.Text.Json.Nodes;
using EseErp.Services.Tests.Api;
using EseErp.Services.Tests.Running;
using Microsoft.AspNetCore.WebUtilities;

namespace EseErp.Services.Tests;

/// <summary>What a newcomer finds in Swagger: every operation explained, every example one that works.</summary>
[Collection(SystemCollection.Name)]
public sealed class DocumentationTests(RunningSystem system)
{
    [Fact]
    public void Should_explain_every_operation()
    {
        system.Operations().Count().ShouldBeGreaterThan(80);
        Faults(operation => operation.Summary is null ? ["no summary"] : []).ShouldBeEmpty();
        Faults(operation => operation.Parameters.Where(parameter => string.IsNullOrWhiteSpace(parameter.Description))
            .Select(parameter => $"{parameter.In} parameter {parameter.Name} has no description")).ShouldBeEmpty();
        Faults(operation => operation.PathParameters.Where(parameter => parameter.Example is null)
            .Select(parameter => $"path parameter {parameter.Name} has no example")).ShouldBeEmpty();
        Faults(operation => operation.Body is not null && operation.Example is null ? ["no example of the body"] : []).ShouldBeEmpty();
    }

    [Fact]
    public void Should_describe_every_answer()
    {
        Faults(operation => operation.Responses.Where(answer => string.IsNullOrWhiteSpace((string?)answer.Value["description"]))
            .Select(answer => $"{answer.Key} has no description")).ShouldBeEmpty();
        Faults(operation => operation.Responses.Where(answer => answer.Key >= 400 && (string?)answer.Value["description"] == ReasonPhrases.GetReasonPhrase(answer.Key))
            .Select(answer => $"{answer.Key} is described by its name only")).ShouldBeEmpty();
        // Readiness answers 503 with its checks.
        Faults(operation => operation.Responses.Where(answer => answer.Key is >= 400 and not 503 && answer.Value["content"]?["application/problem+json"]?["schema"] is null)
            .Select(answer => $"{answer.Key} is no problem document")).ShouldBeEmpty();
        Faults(operation => operation.Responses.Keys.Any(status => status < 300) ? [] : ["no successful answer"]).ShouldBeEmpty();
        Faults(operation => operation.IsStream || operation.Answer is not null ? [] : ["the successful answer has no schema"]).ShouldBeEmpty();
    }

    [Fact]
    public void Should_set_a_limit_to_everything_a_request_can_hold() =>
        Faults(operation => operation.Body is { } body ? Boundless(body, "body") : []).ShouldBeEmpty();

    [Fact]
    public async Task Should_answer_every_example_as_documented()
    {
        var errors = await ErrorWatch.Start(system);
        // Twice, as one example may need what another one makes. What takes no input at all comes last: it starts something.
        var operations = system.Operations().OrderBy(operation => operation is { Method: "POST", Body: null, Parameters: [] }).ToList();
        foreach (var operation in operations) await Execute(operation);
        await system.Ledger.Quiet();

        var unexpected = new List<string>();
        foreach (var operation in operations)
        {
            var (status, text) = await Execute(operation);
            if (!operation.Responses.ContainsKey(status)) unexpected.Add($"{operation}: {status} is not documented: {text}");
            // The example exists, though it may be past what is asked of it by now.
            else if (status is not (< 300 or 409) && !(status == 404 && await IsOfAnEmptyLog(operation))) unexpected.Add($"{operation}: {status} {text}");
        }

        unexpected.ShouldBeEmpty();
        await system.Ledger.Quiet();
        (await errors.Since()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Should_file_a_return_when_Execute_is_pressed_again_and_again()
    {
        var first = await PressExecute();
        var second = await PressExecute();
        second.ShouldNotBe(first);
        await system.Ledger.Quiet();
        foreach (var returnId in new[] { first, second })
            ((string?)(await system.Get("tracking", $"/returns/{returnId}"))["returnId"]).ShouldBe(returnId);
    }

    // A service that publishes nothing has no stream to show.
    private async Task<bool> IsOfAnEmptyLog(Operation operation) =>
        operation.Path.StartsWith("/event-log/", StringComparison.Ordinal) && (await system.Get(operation.Team, "/event-log"))["items"]!.AsArray().Count == 0;

    private async Task<string> PressExecute()
    {
        var document = await ServiceDocument.Read(system.Client("user-support"), "user-support");
        using var answer = await system.Send(document.Operation("POST", "/returns"), document.Operation("POST", "/returns").Request());
        ((int)answer.StatusCode).ShouldBe(202);
        return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["returnId"]!;
    }

    private async Task<(int Status, string Text)> Execute(Operation operation)
    {
        using var answer = await Send(operation);
        var text = operation.IsStream ? "" : await answer.Content.ReadAsStringAsync();
        return ((int)answer.StatusCode, text.Length > 300 ? text[..300] : text);
    }

    private async Task<HttpResponseMessage> Send(Operation operation)
    {
        try
        {
            return await system.Send(operation, operation.Request());
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"{operation} does not answer.", late);
        }
    }

    private List<string> Faults(Func<Operation, IEnumerable<string>> faults) =>
        system.Operations().SelectMany(operation => faults(operation).Select(fault => $"{operation}: {fault}")).ToList();

    private static IEnumerable<string> Boundless(Schema schema, string path) => schema switch
    {
        { Enum.Count: > 0 } or { Format: "date-time" or "date" or "uuid" } or { Type: "boolean" } => [],
        { Type: "string", MaxLength: null } => [$"{path} may be of any length"],
        { Type: "integer" or "number" } when schema.Minimum is null || schema.Maximum is null => [$"{path} may be any number"],
        { Type: "array", MaxItems: null } => [$"{path} may have any number of items"],
        { Type: "array", Items: { } items } => Boundless(items, path + "[]"),
        { Type: "object" } => (schema.ForbidsUnknownMembers ? Array.Empty<string>() : [$"{path} may have unknown members"])
            .Concat(schema.Properties.SelectMany(property => Boundless(property.Value, $"{path}.{property.Key}"))),
        _ => [],
    };
}
