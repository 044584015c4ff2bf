using System.Text.Json;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http;

namespace EseErp.Registry;

/// <summary>A document, or a patch of one, as it came. The type's schema says what is in it.</summary>
public sealed class RegistryBody
{
    public required JsonElement Json { get; init; }

    /// <summary>Read from the buffered body, so that the schema and not the serializer finds what is wrong with it.</summary>
    public static ValueTask<RegistryBody> BindAsync(HttpContext context)
    {
        var body = context.Features.Get<BufferedBody>() ?? throw new BadHttpRequestException("The body was not read.");
        try
        {
            using var document = JsonDocument.Parse(body.Bytes, new JsonDocumentOptions { MaxDepth = RegistryJson.MaxDepth });
            return ValueTask.FromResult(new RegistryBody { Json = document.RootElement.Clone() });
        }
        catch (JsonException exception)
        {
            throw new BadHttpRequestException("The body is not valid JSON.", StatusCodes.Status400BadRequest, exception);
        }
    }
}
