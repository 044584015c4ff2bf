using System.ComponentModel;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging;

/// <summary>A consumer group that reads again from the beginning.</summary>
/// <param name="Group">The service's consumer group.</param>
/// <param name="Records">How many records the broker holds for it; those it had not read before are among them.</param>
/// <param name="Positions">Where it starts, per topic partition.</param>
/// <param name="Dropped">How many records the broker has dropped since the topics began: they do not come again.</param>
public sealed record ReplayView(string Group, long Records, IReadOnlyList<GroupPosition> Positions, long Dropped);

/// <summary>Every service shows how far its consumer group has read, and what it could not apply.</summary>
public static class ConsumersApi
{
    public static void MapConsumers(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/consumers", List)
            .SparedByFaults()
            .WithTags("Event log")
            .WithSummary("Position, end and lag of this service's consumer group, per topic partition")
            .WithDescription("Comes from what the service knows itself: its own offsets, and the ends that it last heard of (`endSeenAt`). Answers within two seconds, "
                + "whatever is down. `end` and `lag` are null for a partition whose end was never heard. `retrying` counts events that failed and are retried, with "
                + "those behind them; `lag` includes it. `pausedSince` and `pauseReason` say that the group stands still, because everything fails.");
        // Who listens to nothing has nothing to read again.
        if (routes.ServiceProvider.GetRequiredService<Subscriptions>().Topics.Count > 0)
            routes.MapPost("/consumers/replay", Replay)
                .SparedByFaults()
                .WithTags("Event log")
                .WithSummary("Read everything again, from the oldest record that the broker holds")
                .WithDescription("The inbox is kept, so events that were applied stop there: nothing is applied, recorded or paid twice. What never "
                    + "arrived is applied. If the broker no longer has everything, the replay is refused, with the missing records of each topic in `dropped`, "
                    + "and nothing changes; `acceptLoss=true` reads the rest again. Answers at once; `GET /consumers` shows the lag shrink. While other "
                    + "replicas of the service run, it is refused, because their positions would undo it.");
        routes.MapDeadLetters();
    }

    private static async Task<Ok<IReadOnlyList<GroupPosition>>> List(GroupPositions positions, CancellationToken cancellationToken) =>
        TypedResults.Ok(await positions.Read(cancellationToken));

    internal static async Task<Results<Accepted<ReplayView>, ConflictProblem>> Replay(
        IBroker broker, PumpControl pump, GroupOffsets offsets, GroupPositions positions, Subscriptions subscriptions, IOptions<MessagingOptions> options,
        CancellationToken cancellationToken,
        [Description("Read what is left, although the broker has dropped records.")] bool acceptLoss = false)
    {
        var topics = subscriptions.Topics.Keys.ToList();
        var dropped = await broker.Dropped(topics, cancellationToken);
        if (dropped.Count > 0 && !acceptLoss) return BrokerReach.Refuse(dropped, "These would not come again.");
        using var held = await pump.Hold(cancellationToken);
        if (await broker.HasMembers(options.Value.Group, cancellationToken))
            return Problems.Conflict("Other replicas of this service are in its consumer group; stop them and try again.");
        await offsets.SendToBeginning(topics, cancellationToken);
        var begin = await positions.Read(cancellationToken);
        return TypedResults.Accepted("/consumers", new ReplayView(options.Value.Group, begin.Sum(position => position.Lag ?? 0), begin, begin.Sum(position => position.Position)));
    }
}
