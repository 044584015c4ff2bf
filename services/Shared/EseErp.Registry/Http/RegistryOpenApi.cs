using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace EseErp.Registry;

/// <summary>What an endpoint's body is held against.</summary>
internal sealed record RegistryBodySchema(EntitySchema Schema, bool Patch);

/// <summary>Shows the newest schema of the type as that of the body, so that Swagger says what is really checked.</summary>
internal static class RegistryOpenApi
{
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<RegistryBodySchema>().LastOrDefault() is { } body && operation.RequestBody?.Content is { } content)
        {
            foreach (var media in content.Values) media.Schema = Of(body.Schema.Shape, body.Patch, removable: false);
        }

        return Task.CompletedTask;
    }

    private static OpenApiSchema Of(Shape shape, bool patch, bool removable)
    {
        var schema = new OpenApiSchema
        {
            Type = shape.Types.Append(removable ? "null" : shape.Types.First()).Select(TypeOf).Aggregate((one, other) => one | other),
            Description = shape.Description,
            MinLength = shape.MinLength,
            MaxLength = shape.MaxLength,
            Pattern = shape.Pattern,
            Format = shape.Format,
            Minimum = shape.Minimum?.ToString(CultureInfo.InvariantCulture),
            Maximum = shape.Maximum?.ToString(CultureInfo.InvariantCulture),
            MinItems = shape.MinItems,
            MaxItems = shape.MaxItems,
            // The items of an array are complete even in a patch.
            Items = shape.Items is null ? null : Of(shape.Items, patch: false, removable: false),
        };
        if (shape.Choices.Count > 0) schema.Enum = [.. shape.Choices.Select(choice => (JsonNode)JsonValue.Create(choice))];
        if (!shape.Types.Contains("object")) return schema;
        schema.AdditionalPropertiesAllowed = false;
        schema.Properties = shape.Members.ToDictionary(member => member.Key, member => (IOpenApiSchema)Of(member.Value, patch, removable: patch));
        if (!patch) schema.Required = shape.Required.ToHashSet();
        return schema;
    }

    private static JsonSchemaType TypeOf(string type) => type switch
    {
        "object" => JsonSchemaType.Object,
        "array" => JsonSchemaType.Array,
        "string" => JsonSchemaType.String,
        "integer" => JsonSchemaType.Integer,
        "number" => JsonSchemaType.Number,
        "boolean" => JsonSchemaType.Boolean,
        _ => JsonSchemaType.Null,
    };
}
