using System.ComponentModel;
using EseErp.Messaging;
using EseErp.ServiceDefaults;
using EseErp.Tracking.Data;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EseErp.Tracking.Rebuild;

/// <summary>How the projection stands.</summary>
/// <param name="State"><c>live</c> or <c>rebuilding</c>.</param>
/// <param name="Build">Grows by one with each rebuild.</param>
/// <param name="StartedAt">When this build was begun.</param>
/// <param name="FinishedAt">When this build had caught up; null before.</param>
/// <param name="Lag">Events in the broker that are not applied yet.</param>
public sealed record ProjectionView(string State, ProjectionStage Stage, int Build, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, long Lag);

/// <summary>The projection as a whole: its state, and how to build it again.</summary>
public static class ProjectionApi
{
    public static void MapProjection(this IEndpointRouteBuilder routes)
    {
        var projection = routes.MapGroup("/projection").WithTags("Projection").SparedByFaults();
        projection.MapGet("/", Get).WithSummary("Whether the projection is live or being rebuilt, and how far it lags");
        projection.MapPost("/rebuild", Rebuild)
            .WithSummary("Delete the projection and build it again from the teams' events")
            .WithDescription("Answers at once; `GET /projection` shows the progress. Survives a crash at any moment. Until the new build is complete, returns and "
                + "analytics answer 503 with `Retry-After`. If the broker no longer has everything, the rebuild is refused, with the missing records of each topic in "
                + "`dropped`, and nothing changes; `acceptLoss=true` builds from the rest. A rebuild that has not begun to replay is not started a second time.");
    }

    private static async Task<Ok<ProjectionView>> Get(
        TrackingDb db, GroupPositions positions, CancellationToken cancellationToken) =>
        TypedResults.Ok(await View(await Projections.Read(db, cancellationToken), positions, cancellationToken));

    private static async Task<Results<Accepted<ProjectionView>, ConflictProblem>> Rebuild(
        TrackingDb db, IBroker broker, GroupPositions positions, CancellationToken cancellationToken,
        [Description("Build from what is left, although the broker has dropped records.")] bool acceptLoss = false)
    {
        var dropped = await broker.Dropped(TrackingModule.Heard, cancellationToken);
        if (dropped.Count > 0 && !acceptLoss)
            return BrokerReach.Refuse(dropped, "What the projection knows from them would be lost for good.");
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var projection = await Projections.Lock(db, cancellationToken);
        if (projection.MayConsume)
        {
            // The first one was never built, and is whole.
            if (projection.Stage == ProjectionStage.Live) projection.FinishedAt ??= projection.StartedAt;
            (projection.Stage, projection.Until) = (ProjectionStage.Requested, projection.Until with { AcceptLoss = acceptLoss });
            await db.SaveChangesAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Accepted("/projection", await View(projection, positions, cancellationToken));
    }

    private static async Task<ProjectionView> View(Projection projection, GroupPositions positions, CancellationToken cancellationToken) => new(
        projection.Stage == ProjectionStage.Live ? "live" : "rebuilding",
        projection.Stage, projection.Build, projection.StartedAt, projection.FinishedAt,
        (await positions.Read(cancellationToken)).Sum(position => position.Lag ?? 0));
}
