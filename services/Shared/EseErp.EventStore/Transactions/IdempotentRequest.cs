using System.Text;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace EseErp.EventStore;

/// <summary>What an <c>Idempotency-Key</c> was given for.</summary>
/// <param name="Operation">The method, and the resource in the one spelling that its route has, such as <c>POST /returns</c>.</param>
/// <param name="BodyHash">See <see cref="CanonicalJson.Hash"/>.</param>
public sealed record IdempotentRequest(string Operation, byte[] BodyHash)
{
    /// <summary>The request that is being answered.</summary>
    public static IdempotentRequest Of(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        var body = http.Features.Get<BufferedBody>();
        if (body is null && http.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is not null)
            throw new InvalidOperationException($"{http.GetEndpoint()} takes a body that nobody kept; call MapServiceDefaults before the endpoints are mapped.");
        return new IdempotentRequest($"{http.Request.Method} {Resource(http)}", CanonicalJson.Hash(body?.Bytes ?? default));
    }

    // Routing takes /Returns and /returns/ for /returns: the route's own words are the same for all of them.
    private static string Resource(HttpContext http)
    {
        if (http.GetEndpoint() is not RouteEndpoint endpoint) return http.Request.Path;
        var resource = new StringBuilder();
        foreach (var segment in endpoint.RoutePattern.PathSegments)
        {
            resource.Append('/');
            foreach (var part in segment.Parts)
                resource.Append(part switch
                {
                    RoutePatternLiteralPart literal => literal.Content,
                    RoutePatternSeparatorPart separator => separator.Content,
                    RoutePatternParameterPart parameter => ValueOf(http.Request.RouteValues[parameter.Name]),
                    _ => null,
                });
        }

        return resource.ToString();
    }

    // A UUID is the same in any spelling; every other id is taken to the letter.
    private static string? ValueOf(object? value) => value is string text && Guid.TryParse(text, out var id) ? id.ToString() : value?.ToString();
}
