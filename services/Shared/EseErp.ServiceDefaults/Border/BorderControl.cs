using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using ProblemDetails = Microsoft.AspNetCore.Mvc.ProblemDetails;

namespace EseErp.ServiceDefaults;

/// <summary>
/// Lets in what asks for this service by one of its names, and refuses a change that a page from elsewhere may have a browser
/// ask for. A browser tells where a page comes from, and lets a foreign page send forms and plain text only:
/// docs/decisions/0010-pages-from-elsewhere.md.
/// </summary>
internal sealed class BorderControl(RequestDelegate next, ProblemWriter problems, IOptions<ServiceSettings> settings)
{
    private const string FetchSite = "Sec-Fetch-Site";
    private const string RequestedWith = "X-Requested-With";

    private readonly List<StringSegment> hosts = [.. settings.Value.HostNames.Select(name => new StringSegment(name))];

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        // What names no host is HTTP/1.0, and no browser.
        if (request.Host.HasValue && !HostString.MatchesAny(request.Host.Host, hosts))
        {
            return problems.WriteAsync(context, new ProblemDetails
            {
                Status = StatusCodes.Status421MisdirectedRequest,
                Detail = "This service does not answer to the name in Host. Its setting Ese:Hosts lists the names that it accepts.",
            });
        }

        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method))
        {
            if (ComesFromElsewhere(request))
            {
                return problems.WriteAsync(context, new ProblemDetails
                {
                    Status = StatusCodes.Status403Forbidden,
                    Detail = "A foreign web page may not change anything here: Origin or Sec-Fetch-Site names another origin than this service.",
                });
            }

            // What no route takes is a 404, 405 or 415 already.
            if (context.GetEndpoint() is RouteEndpoint && !JsonMedia.Is(request.ContentType) && !IsProven(request) && !IsPlainProgram(request))
            {
                return problems.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, InputErrors.One(
                    HeaderNames.ContentType, $"must be JSON, also without a body; a request without one may carry {RequestedWith} or {IdempotencyMetadata.Header} instead"));
            }
        }

        return next(context);
    }

    private static bool ComesFromElsewhere(HttpRequest request)
    {
        foreach (var site in request.Headers[FetchSite])
        {
            // "same-site" is another port, say: http://localhost:3000.
            if (site is not ("same-origin" or "none")) return true;
        }

        foreach (var origin in request.Headers.Origin)
        {
            if (!string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    /// <summary>Carries what a browser sends for a page of this service only, or what a foreign page would have to ask us for first.</summary>
    private static bool IsProven(HttpRequest request) =>
        request.Headers.ContainsKey(FetchSite) || request.Headers.ContainsKey(HeaderNames.Origin)
        || request.Headers.ContainsKey(RequestedWith) || request.Headers.ContainsKey(IdempotencyMetadata.Header);

    /// <summary>Has neither a body nor a sign of a browser: <c>curl -X POST</c>.</summary>
    private static bool IsPlainProgram(HttpRequest request) =>
        string.IsNullOrEmpty(request.ContentType)
        && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true
        && !request.Headers.ContainsKey(HeaderNames.Referer)
        && !request.Headers.ContainsKey(HeaderNames.Cookie)
        && !request.Headers.UserAgent.ToString().StartsWith("Mozilla/", StringComparison.OrdinalIgnoreCase);
}

/// <summary>What counts as JSON.</summary>
internal static class JsonMedia
{
    public static bool Is(string? contentType) => MediaTypeHeaderValue.TryParse(contentType, out var type) && Is(type);

    public static bool Is(MediaTypeHeaderValue type) =>
        type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);
}
