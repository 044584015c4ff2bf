using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;

namespace EseErp.ServiceDefaults;

/// <summary>What has to happen before routing, and to the headers of every answer.</summary>
internal static class Answers
{
    private const string EventStream = "text/event-stream";

    /// <summary>Believes the trusted proxies, answers <c>HEAD</c> as <c>GET</c> without the body, and then routes.</summary>
    public static void UseRoutingBehindProxies(this WebApplication app, ServiceSettings settings)
    {
        if (settings.Proxies is { Count: > 0 } proxies) app.UseForwardedHeaders(Believing(proxies));
        app.Use(static (context, next) =>
        {
            var request = context.Request;
            // "/sales/" and "/sales" are the same prefix; "//evil.example" is none, should a proxy pass on what a client sent.
            if (request.PathBase.HasValue) request.PathBase = request.PathBase.Value[1..].StartsWith('/') ? "" : request.PathBase.Value.TrimEnd('/');
            context.Response.OnStarting(static state => Complete((HttpContext)state), context);
            return HttpMethods.IsHead(request.Method) ? HeadersOnly(context, next) : next(context);
        });
        app.UseRouting();
    }

    private static async Task HeadersOnly(HttpContext context, RequestDelegate next)
    {
        var left = context.RequestAborted;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(left);
        context.RequestAborted = ending.Token;
        context.Response.Body = new NoBody(() =>
        {
            // Its headers are all there is to say; it would not end by itself.
            if (IsEventStream(context)) ending.Cancel();
        });
        context.Request.Method = HttpMethods.Get;
        try
        {
            await next(context);
            if (ending.IsCancellationRequested && !left.IsCancellationRequested) context.Response.StatusCode = StatusCodes.Status200OK;
        }
        finally
        {
            // For the metrics.
            context.Request.Method = HttpMethods.Head;
        }
    }

    private static ForwardedHeadersOptions Believing(IReadOnlyList<System.Net.IPNetwork> proxies)
    {
        // Any number of them in a row, as long as each is trusted.
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.All, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in proxies) options.KnownIPNetworks.Add(proxy);
        return options;
    }

    private static Task Complete(HttpContext context)
    {
        // nginx would keep events back until its buffer is full.
        if (IsEventStream(context)) context.Response.Headers["X-Accel-Buffering"] = "no";
        // Endpoints and stored answers name a path of the service; the client knows it below the proxy's.
        if (context.Request.PathBase is { HasValue: true } prefix
            && context.Response.Headers.Location.ToString() is { Length: > 0 } location && location[0] == '/' && !location.StartsWith("//", StringComparison.Ordinal))
            context.Response.Headers.Location = prefix.ToUriComponent() + location;
        return Task.CompletedTask;
    }

    private static bool IsEventStream(HttpContext context) =>
        context.Response.ContentType?.StartsWith(EventStream, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Takes what is written and forgets it.</summary>
    private sealed class NoBody(Action written) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => written();

        public override void Flush() => written();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
