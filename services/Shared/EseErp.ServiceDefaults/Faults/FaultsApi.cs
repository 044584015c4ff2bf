using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ProblemDetails = Microsoft.AspNetCore.Mvc.ProblemDetails;

namespace EseErp.ServiceDefaults;

/// <summary>The faults of a service.</summary>
/// <param name="Faults">What is set.</param>
/// <param name="SetAt">Null when nothing is.</param>
/// <param name="LiftsAt">When it lifts itself; null when it does not.</param>
public sealed record FaultsView(FaultSet Faults, DateTimeOffset? SetAt, DateTimeOffset? LiftsAt);

/// <summary>Faults are looked at, set and lifted here, where <see cref="ServiceSettings.Faults"/> allows it.</summary>
internal static class FaultsApi
{
    public static void MapFaults(this IEndpointRouteBuilder routes)
    {
        var faults = routes.MapGroup("/faults").WithTags("Faults");
        faults.MapGet("/", static (Faults faults) => TypedResults.Ok(faults.View))
            .WithSummary("What goes wrong in this service on purpose");
        faults.MapPut("/", Put)
            .WithSummary("Set what goes wrong; the whole set, so that {} lifts everything")
            .WithDescription("Takes effect at once and for work that arrives from then on; what waits because of the set before goes on. Health, metrics, "
                + "logs, consumers and these pages are spared. A restart of the service lifts everything.")
            .WithExample(new FaultSet(new LatencyFault(LatencyDistribution.Constant, 50), ForSeconds: 5));
    }

    private static Ok<FaultsView> Put(FaultSet set, Faults faults)
    {
        faults.Put(set);
        return TypedResults.Ok(faults.View);
    }
}

/// <summary>Strikes requests, before anything of them is looked at.</summary>
internal sealed class FaultyRequests(RequestDelegate next, Faults faults, ProblemWriter problems)
{
    // By these one sees what happens and ends it; they are no work of the team.
    private static readonly PathString[] Spared = ["/faults", "/health", "/metrics", "/logs", "/consumers", "/openapi", "/swagger"];

    public Task InvokeAsync(HttpContext context) =>
        !faults.AreSet || Array.Exists(Spared, path => context.Request.Path.StartsWithSegments(path)) ? next(context) : Strike(context);

    private async Task Strike(HttpContext context)
    {
        if (faults.RefusesRequest())
        {
            // The client sees its connection reset, whether it is a new one or one it had kept.
            context.Abort();
            return;
        }

        await faults.BeforeRequest(context.RequestAborted);
        if (!faults.FailsRequest())
        {
            await next(context);
            return;
        }

        await problems.WriteAsync(context, new ProblemDetails
        {
            Status = StatusCodes.Status503ServiceUnavailable,
            Detail = "A fault that was set on purpose (GET /faults): this request drew an error, and nothing of it was done.",
        });
    }
}
