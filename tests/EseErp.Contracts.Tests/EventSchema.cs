using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EseErp.EventStore;

namespace EseErp.Contracts.Tests;

/// <summary>The JSON Schema of an event's <c>data</c> as it is published.</summary>
internal static class EventSchema
{
    // Stricter than the reader: what a publisher writes has every member without a default, and no number as text.
    private static readonly JsonSerializerOptions s_written = new(EventJson.Options)
    {
        NumberHandling = JsonNumberHandling.Strict,
        RespectRequiredConstructorParameters = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static readonly JsonSchemaExporterOptions s_export = new()
    {
        TreatNullObliviousAsNonNullable = true,
        // A number says nothing, and changes its meaning when the enum's members do.
        TransformSchemaNode = static (context, schema) => context.TypeInfo.Type.IsEnum && schema["enum"] is null
            ? throw new InvalidOperationException($"{context.TypeInfo.Type} is published as a number.")
            : schema,
    };

    public static JsonObject Of(string name, Type contract)
    {
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = $"urn:{name}",
        };
        foreach (var (keyword, value) in s_written.GetJsonSchemaAsNode(contract, s_export).AsObject()) schema[keyword] = value?.DeepClone();
        return schema;
    }
}
