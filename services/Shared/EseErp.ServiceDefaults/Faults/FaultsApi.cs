using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ProblemDetails = Microsoft.AspNetCore.Mvc.ProblemDetails;

namespace EseErp.ServiceDefaults;

/// <summary>The faults of a service.</summary>
/// <param name="Faults">What is set.</param>
/// <param name="SetAt">Null when nothing is.</param>
/// <param name="LiftsAt">When the faults end automatically; null when they do not.</param>
public sealed record FaultsView(FaultSet Faults, DateTimeOffset? SetAt, DateTimeOffset? LiftsAt);

/// <summary>Faults are looked at, set and lifted here, where <see cref="ServiceSettings.Faults"/> allows it.</summary>
internal static class FaultsApi
{
    public static void MapFaults(this IEndpointRouteBuilder routes)
    {
        var faults = routes.MapGroup("/faults").WithTags("Faults").SparedByFaults();
        faults.MapGet("/", static (Faults faults) => TypedResults.Ok(faults.View))
            .WithSummary("Show the injected faults");
        faults.MapPut("/", Put)
            .WithSummary("Inject a fault; it replaces the current one, so {} lifts everything")
            .WithDescription("Applies at once, to work that arrives from then on. What waits because of the earlier faults continues. The endpoints for "
                + "monitoring and repair are never affected: health, metrics, logs, consumers, dead letters, modes, the projection and these pages. A restart of the "
                + "service lifts everything.")
            .WithExample(new FaultSet(new LatencyFault(LatencyDistribution.Constant, 50), ForSeconds: 5));
    }

    private static Ok<FaultsView> Put(FaultSet set, Faults faults)
    {
        faults.Put(set);
        return TypedResults.Ok(faults.View);
    }
}

/// <summary>Marks an endpoint for monitoring or repair: it is no work of the team, and no fault affects it.</summary>
public sealed class SparedByFaultsMetadata;

/// <summary>Says at an endpoint that faults spare it.</summary>
public static class SparedByFaultsExtensions
{
    private static readonly SparedByFaultsMetadata Mark = new();

    /// <summary>Injected faults do not affect these endpoints. For monitoring and repair.</summary>
    public static TBuilder SparedByFaults<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(Mark);
}

/// <summary>Strikes requests, before anything of them is looked at.</summary>
internal sealed class FaultyRequests(RequestDelegate next, Faults faults, ProblemWriter problems)
{
    public Task InvokeAsync(HttpContext context) =>
        !faults.AreSet || context.GetEndpoint()?.Metadata.GetMetadata<SparedByFaultsMetadata>() is not null ? next(context) : Strike(context);

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
            Detail = "An injected fault (GET /faults) failed this request; nothing of it was done.",
        });
    }
}
