using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace EseErp.ServiceDefaults;

/// <summary>Adds to schemas what the framework does not see: enum values as text, and XML documentation.</summary>
internal sealed class SchemaDescription(XmlDocs docs) : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type.IsEnum)
        {
            schema.Type = JsonSchemaType.String;
            schema.Enum = [.. EnumNames.Of(type).All.Select(name => (JsonNode)JsonValue.Create(name))];
        }
        else if (type == typeof(LogEntry))
        {
            DescribeLogEntry(schema);
        }

        if (schema.Pattern is not null) schema.Pattern = Patterns.ForClients(schema.Pattern);
        var property = context.JsonPropertyInfo?.AttributeProvider as PropertyInfo;
        // A required text is not blank; the framework says so only where a shortest length is given.
        if (type == typeof(string) && schema.MinLength is null or 0 && property?.IsDefined(typeof(RequiredAttribute)) == true) schema.MinLength = 1;
        var parameter = context.ParameterDescription?.ParameterDescriptor is Microsoft.AspNetCore.Mvc.Infrastructure.IParameterInfoParameterDescriptor described
            ? described.ParameterInfo : null;
        if (parameter?.GetCustomAttributes(typeof(DefaultValueAttribute), inherit: false) is [DefaultValueAttribute { Value: int number }, ..])
            schema.Default = number;
        var text = property is not null ? docs.Of(property) : parameter is not null ? docs.Of(parameter) : null;
        schema.Description ??= text ?? (property is null && IsOurs(type) ? docs.Of(type) : null);
        return Task.CompletedTask;
    }

    private static bool IsOurs(Type type) => type.Namespace?.StartsWith("System", StringComparison.Ordinal) == false;

    private static void DescribeLogEntry(OpenApiSchema schema)
    {
        static OpenApiSchema Of(JsonSchemaType type, string? format = null) => new() { Type = type, Format = format };
        schema.Type = JsonSchemaType.Object;
        schema.AdditionalPropertiesAllowed = true;
        schema.Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["sequence"] = Of(JsonSchemaType.Integer, "int64"),
            ["time"] = Of(JsonSchemaType.String, "date-time"),
            ["level"] = Of(JsonSchemaType.String),
            ["team"] = Of(JsonSchemaType.String),
            ["category"] = Of(JsonSchemaType.String),
            ["message"] = Of(JsonSchemaType.String),
            ["returnId"] = Of(JsonSchemaType.String),
            ["eventId"] = Of(JsonSchemaType.String),
            ["correlationId"] = Of(JsonSchemaType.String),
            ["traceId"] = Of(JsonSchemaType.String),
            ["exception"] = Of(JsonSchemaType.String),
        };
    }
}
