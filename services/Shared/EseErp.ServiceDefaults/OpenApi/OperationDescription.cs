using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace EseErp.ServiceDefaults;

/// <summary>Adds to every operation the problems it may answer with, its examples, and its documentation.</summary>
internal sealed class OperationDescription(XmlDocs docs, IOptions<JsonOptions> json, ILogger<OperationDescription> logger) : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var handler = metadata.OfType<MethodInfo>().FirstOrDefault();
        operation.Summary ??= handler is null ? null : docs.Of(handler);
        var services = context.ApplicationServices;
        DescribeParameters(operation, context.Description, metadata.OfType<ParameterExample>().ToList(), services);

        var idempotency = metadata.OfType<IdempotencyMetadata>().LastOrDefault();
        if (idempotency is not null) AddIdempotencyKey(operation, idempotency);

        var responses = operation.Responses ??= [];
        foreach (var status in StatusesOf(operation, context.Description, idempotency)) AddProblem(responses, status, context.Document!);
        foreach (var (status, response) in responses)
        {
            if (!int.TryParse(status, out var code) || code < 400) continue;
            Describe((OpenApiResponse)response, code);
            if (code != StatusCodes.Status503ServiceUnavailable) UseProblem((OpenApiResponse)response, code, context.Document!);
        }

        if (metadata.OfType<RequestExample>().LastOrDefault() is { } request && operation.RequestBody?.Content is { } body)
            SetExample(body, request.Example, services);
        foreach (var example in metadata.OfType<ResponseExample>())
        {
            if (responses.TryGetValue(example.Status.ToString(), out var response) && response.Content is { } content)
                SetExample(content, example.Example, services);
        }

        return Task.CompletedTask;
    }

    private static IEnumerable<int> StatusesOf(OpenApiOperation operation, ApiDescription description, IdempotencyMetadata? idempotency)
    {
        var hasBody = operation.RequestBody is not null;
        if (hasBody || operation.Parameters is { Count: > 0 }) yield return StatusCodes.Status400BadRequest;
        if (description.ParameterDescriptions.Any(parameter => parameter.Source.Id == "Path")) yield return StatusCodes.Status404NotFound;
        if (hasBody) yield return StatusCodes.Status413PayloadTooLarge;
        if (!HttpMethods.IsGet(description.HttpMethod ?? HttpMethods.Get))
        {
            yield return StatusCodes.Status403Forbidden;
            yield return StatusCodes.Status415UnsupportedMediaType;
        }

        if (idempotency is not null) yield return StatusCodes.Status422UnprocessableEntity;
        yield return StatusCodes.Status500InternalServerError;
    }

    private static void AddIdempotencyKey(OpenApiOperation operation, IdempotencyMetadata idempotency) =>
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = IdempotencyMetadata.Header,
            In = ParameterLocation.Header,
            Required = idempotency.Required,
            Description = "Makes a retry safe: the same key with the same body gets the same answer; with another body it gets 422.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 200 },
        });

    private static void AddProblem(OpenApiResponses responses, int status, OpenApiDocument document)
    {
        if (!responses.ContainsKey(status.ToString()))
            responses.Add(status.ToString(), new OpenApiResponse { Description = ReasonPhrases.GetReasonPhrase(status) });
    }

    // The framework's description is the name of the status, which says nothing of this service.
    private static void Describe(OpenApiResponse response, int status)
    {
        if (string.IsNullOrEmpty(response.Description) || response.Description == ReasonPhrases.GetReasonPhrase(status))
            response.Description = ProblemSchema.Meaning(status);
    }

    private static void UseProblem(OpenApiResponse response, int status, OpenApiDocument document) =>
        response.Content = new Dictionary<string, OpenApiMediaType>
        {
            [ProblemWriter.ContentType] = new()
            {
                Schema = new OpenApiSchemaReference(ProblemSchema.Name, document),
                Example = ProblemSchema.Example(status),
            },
        };

    private void DescribeParameters(
        OpenApiOperation operation, ApiDescription description, IReadOnlyList<ParameterExample> examples, IServiceProvider services)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            var source = description.ParameterDescriptions.FirstOrDefault(candidate => candidate.Name == parameter.Name);
            var info = (source?.ParameterDescriptor as IParameterInfoParameterDescriptor)?.ParameterInfo;
            parameter.Description ??= info is null ? null : docs.Of(info);
            if (examples.LastOrDefault(candidate => candidate.Name == parameter.Name) is { } example) parameter.Example = example.Example(services);
            parameter.Description ??= parameter switch
            {
                { Example: { } value } => $"Such as {value}.",
                { Name: "returnId" } => "Such as RMA-2026-000123.",
                { Name: "Last-Event-ID" } => "Where to continue; browsers send it automatically when they reconnect.",
                { In: ParameterLocation.Query } when IsEnum(info) => $"Only items with this {parameter.Name}; without it all.",
                _ => null,
            };
        }

        static bool IsEnum(ParameterInfo? parameter) =>
            parameter is not null && (Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType).IsEnum;
    }

    private void SetExample(IDictionary<string, OpenApiMediaType> content, Func<IServiceProvider, object> example, IServiceProvider services)
    {
        try
        {
            var value = example(services);
            var node = value as JsonNode ?? JsonSerializer.SerializeToNode(value, json.Value.SerializerOptions.GetTypeInfo(value.GetType()));
            if (node is JsonObject members) // what is not given is best left out
            {
                foreach (var name in members.Where(member => member.Value is null).Select(member => member.Key).ToArray()) members.Remove(name);
            }

            foreach (var media in content.Values) media.Example = node;
        }
        catch (Exception exception)
        {
            // An example that cannot be made, say because the database is away, must not cost the document.
            logger.LogWarning(exception, "A request or response example could not be made");
        }
    }
}

/// <summary>The schema and examples of problems.</summary>
internal static class ProblemSchema
{
    public const string Name = "Problem";

    public static OpenApiSchema Create() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "The problem (RFC 9457). For bad input, `errors` has the reasons per field.",
        AdditionalPropertiesAllowed = true,
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("uri-reference"),
            ["title"] = Text(),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
            ["detail"] = Text(),
            ["instance"] = Text("uri-reference"),
            ["traceId"] = Text(),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = Text() },
            },
        },
    };

    public static JsonNode Example(int status)
    {
        var problem = new JsonObject
        {
            ["type"] = ProblemWriter.TypeOf(status),
            ["title"] = status is 400 ? "The request is not valid." : ReasonPhrases.GetReasonPhrase(status),
            ["status"] = status,
            ["detail"] = status is 400 ? "returnId is required." : Meaning(status),
            ["instance"] = "/",
            ["traceId"] = "0af7651916cd43dd8448eb211c80319c",
        };
        if (status is 400) problem["errors"] = new JsonObject { ["returnId"] = new JsonArray("is required") };
        return problem;
    }

    /// <summary>What a status means here, in a sentence.</summary>
    public static string Meaning(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request is not valid; `errors` has the reasons per field.",
        StatusCodes.Status403Forbidden => "A foreign web page may not change anything here.",
        StatusCodes.Status404NotFound => "There is nothing with this id.",
        StatusCodes.Status409Conflict => "Not possible in the current state; `detail` says why.",
        StatusCodes.Status412PreconditionFailed => "It has changed since it was read: the `ETag` header has its current version.",
        StatusCodes.Status413PayloadTooLarge => "The body is longer than 1 MiB.",
        StatusCodes.Status415UnsupportedMediaType => "The request does not have the documented media type, in UTF-8; without a body: it is not JSON.",
        StatusCodes.Status422UnprocessableEntity => "Well formed but not possible, or the `Idempotency-Key` was used with another body; `errors` names the field.",
        StatusCodes.Status428PreconditionRequired => "A change needs `If-Match` with the version that it is based on.",
        StatusCodes.Status500InternalServerError => "The service failed; its log has the reason under the `traceId`.",
        StatusCodes.Status502BadGateway => "Another service could not be reached; the answer says what was done so far.",
        StatusCodes.Status503ServiceUnavailable => "The service cannot work at the moment; the answer has the reason.",
        StatusCodes.Status504GatewayTimeout => "Another service did not answer in time; the answer says what was done so far.",
        _ => ReasonPhrases.GetReasonPhrase(status),
    };

    private static OpenApiSchema Text(string? format = null) => new() { Type = JsonSchemaType.String, Format = format };
}
