using EseErp.ServiceDefaults;
using EseErp.Tracking.Data;
using Microsoft.AspNetCore.Http.Metadata;

namespace EseErp.Tracking.Rebuild;

/// <summary>
/// Answers come from a whole projection, or are 503: from one that is being rebuilt they would say that a return is not there, or not settled,
/// which is wrong.
/// </summary>
internal sealed class WholeProjection
{
    private const int RetryAfterSeconds = 2;

    // A build that was whole, and so is until there is another; 0 for none. Saves a look before each answer.
    private volatile int _build;

    /// <summary>
    /// Looks before the answer is made and after: a build that was whole before and still is was whole in between. One look at once would not do,
    /// as emptying a table shows even to those that have begun to read.
    /// </summary>
    public async ValueTask<object?> Guard(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        for (var build = _build is var known and not 0 ? known : await Look(context.HttpContext); build != 0;)
        {
            var answer = await next(context);
            var now = await Look(context.HttpContext);
            if (now == build) return answer;
            build = now;
        }

        return Rebuilding(context.HttpContext);
    }

    private async Task<int> Look(HttpContext http)
    {
        var projection = await Projections.Read(http.RequestServices.GetRequiredService<TrackingDb>(), http.RequestAborted);
        return _build = projection.IsWhole ? projection.Build : 0;
    }

    private static StatusProblem Rebuilding(HttpContext http)
    {
        http.Response.Headers.RetryAfter = $"{RetryAfterSeconds}";
        return Problems.Status(
            StatusCodes.Status503ServiceUnavailable, "The projection is being rebuilt",
            "Tracking builds its projection again from the teams' events; GET /projection shows the progress. Try again in a moment.");
    }
}

internal static class WholeProjectionEndpoints
{
    /// <summary>While the projection is rebuilt, the endpoint answers 503 with <c>Retry-After</c>.</summary>
    public static TBuilder WhenWhole<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder
    {
        endpoint.AddEndpointFilter<TBuilder>((context, next) => context.HttpContext.RequestServices.GetRequiredService<WholeProjection>().Guard(context, next));
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status503ServiceUnavailable, typeof(Microsoft.AspNetCore.Mvc.ProblemDetails), ["application/problem+json"]));
        return endpoint;
    }
}
