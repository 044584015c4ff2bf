using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging;

/// <summary>Every service shows how far its consumer group has read, and what it could not apply.</summary>
public static class ConsumersApi
{
    public static void MapConsumers(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/consumers", List)
            .WithTags("Event log")
            .WithSummary("Position, end and lag of this service's consumer group, per topic partition");
        routes.MapDeadLetters();
    }

    private static async Task<Ok<IReadOnlyList<GroupPosition>>> List(
        IBroker broker, Subscriptions subscriptions, IOptions<MessagingOptions> options, CancellationToken cancellationToken) =>
        TypedResults.Ok(await broker.Positions(options.Value.Group, subscriptions.Topics.Keys.ToList(), cancellationToken));
}
