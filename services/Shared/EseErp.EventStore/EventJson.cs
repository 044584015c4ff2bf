using System.Text.Encodings.Web;
using System.Text.Json;

namespace EseErp.EventStore;

/// <summary>How the <c>data</c> of an event is written and read: camelCase, enums as text, unknown fields ignored.</summary>
public static class EventJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
    };
}
