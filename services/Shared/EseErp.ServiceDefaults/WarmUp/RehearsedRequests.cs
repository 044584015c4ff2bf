using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace EseErp.ServiceDefaults;

/// <summary>Keeps the way that requests go through the service, from behind the server on.</summary>
internal sealed class RequestPipeline : IStartupFilter
{
    private RequestDelegate? handle;

    public Task Handle(HttpContext context) =>
        (handle ?? throw new InvalidOperationException("The service does not take requests yet."))(context);

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(rest => handle = rest);
        next(app);
    };
}

/// <summary>
/// Puts the requests that endpoints rehearse (<see cref="HotPaths.Rehearsed"/>) through the service's pipeline. The server has no part in it, so
/// that none is counted or traced as a request.
/// </summary>
internal sealed class RehearsedRequests(
    RequestPipeline pipeline, EndpointDataSource endpoints, IHttpContextFactory contexts, IServiceScopeFactory scopes, IOptions<ServiceSettings> settings,
    IOptions<JsonOptions> json)
{
    /// <summary>One hot path for each, in the order the endpoints were mapped in.</summary>
    public IEnumerable<HotPath> Paths =>
        from endpoint in endpoints.Endpoints.OfType<RouteEndpoint>()
        from request in endpoint.Metadata.GetOrderedMetadata<RehearsedRequest>()
        let method = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0]
        let path = request.Path ?? $"/{endpoint.RoutePattern.RawText!.Trim('/')}"
        select new HotPath($"{method} {path}", (_, cancellationToken) => Ask(method, path, request, cancellationToken));

    private async Task Ask(string method, string path, RehearsedRequest request, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = contexts.Create(Features(method, path, request, scope.ServiceProvider, cancellationToken));
        try
        {
            await pipeline.Handle(context);
            cancellationToken.ThrowIfCancellationRequested();
            if (context.Response.StatusCode != request.Answer)
                throw new InvalidOperationException($"It was answered with {context.Response.StatusCode} and not with {request.Answer}.");
        }
        finally
        {
            contexts.Dispose(context);
        }
    }

    private FeatureCollection Features(string method, string path, RehearsedRequest request, IServiceProvider services, CancellationToken cancellationToken)
    {
        var body = request.Body is null ? [] : JsonSerializer.SerializeToUtf8Bytes(request.Body, request.Body.GetType(), json.Value.SerializerOptions);
        var asked = new HttpRequestFeature
        {
            Protocol = HttpProtocol.Http11,
            Scheme = Uri.UriSchemeHttp,
            Method = method,
            Path = path.Split('?')[0],
            QueryString = path.Contains('?', StringComparison.Ordinal) ? path[path.IndexOf('?', StringComparison.Ordinal)..] : "",
            Body = new MemoryStream(body),
        };
        asked.Headers[HeaderNames.Host] = settings.Value.HostNames[0].Replace("*", "rehearsal", StringComparison.Ordinal);
        if (!HttpMethods.IsGet(method)) asked.Headers[IdempotencyMetadata.Header] = $"rehearsal-{Guid.CreateVersion7():N}";
        if (body.Length > 0) (asked.Headers[HeaderNames.ContentType], asked.Headers.ContentLength) = ("application/json", body.Length);
        foreach (var (name, value) in request.Headers) asked.Headers[name] = value;
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(asked);
        features.Set<IHttpRequestBodyDetectionFeature>(new BodyDetection(body.Length > 0));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = cancellationToken });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(new MemoryStream()));
        features.Set<IServiceProvidersFeature>(new ServiceProvidersFeature { RequestServices = services });
        return features;
    }

    private sealed record BodyDetection(bool CanHaveBody) : IHttpRequestBodyDetectionFeature;
}
