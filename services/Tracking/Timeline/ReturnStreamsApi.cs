using System.ComponentModel;
using System.Net.ServerSentEvents;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using EseErp.Tracking.Rebuild;
using EseErp.Tracking.Returns;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace EseErp.Tracking.Timeline;

/// <summary>Returns live, as server-sent events.</summary>
public static class ReturnStreamsApi
{
    public static void MapReturnStreams(this IEndpointRouteBuilder routes)
    {
        var returns = routes.MapGroup("/returns").WithTags("Returns");
        returns.MapGet("/stream", StreamAll)
            .WithSummary("Follow all returns live (server-sent events)")
            .WithDescription("Sends every event after `after` (or `Last-Event-ID`), then each new one, as `change` with the current state of the return, "
                + "until the client disconnects. Without a cursor it starts now; `after=0` starts at the beginning. A `heartbeat` comes first, and when nothing "
                + "happens. At least once: after a rebuild of the projection all events come again, with their old event ids.");
        returns.MapGet("/{returnId}/stream", StreamOne)
            .WhenWhole()
            .WithSummary("Follow one return live (server-sent events)")
            .WithDescription("Sends the current state first as `state`, then each event as `change` with the state of the return after it, until the client "
                + "disconnects. A client that comes back with `Last-Event-ID` gets what it missed. For a return that was filed a moment ago, it waits briefly.")
            .WithParameterExample("returnId", ReturnsApi.FirstId);
    }

    private static async Task<Results<ServerSentEventsResult<ReturnChange?>, BadRequestProblem>> StreamAll(
        ReturnFeed feed,
        TimelineLog log,
        CancellationToken cancellationToken,
        [Description("Cursor of the last change that you have; 0 for the beginning; without it from now on.")] string? after = null,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId = null)
    {
        var from = string.IsNullOrEmpty(lastEventId) ? after : lastEventId;
        if (!LogCursor.TryParse(from, out var position)) return BadCursor();
        if (string.IsNullOrEmpty(from)) position = await log.End(cancellationToken);
        var first = new SseItem<ReturnChange?>(null, "heartbeat") { EventId = LogCursor.Of(position) };
        return TypedResults.ServerSentEvents(feed.Follow(position, null, first, cancellationToken));
    }

    private static async Task<Results<ServerSentEventsResult<ReturnChange?>, NotFoundProblem, BadRequestProblem>> StreamOne(
        string returnId,
        ReturnFeed feed,
        TimelineLog log,
        CancellationToken cancellationToken,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId = null)
    {
        if (!LogCursor.TryParse(lastEventId, out var position)) return BadCursor();
        // The position first, then the state: what falls between is sent twice rather than never.
        if (string.IsNullOrEmpty(lastEventId)) position = await log.End(cancellationToken);
        if (await feed.Find(returnId, cancellationToken) is not { } present) return Problems.NotFound("return", returnId);
        var first = new SseItem<ReturnChange?>(new ReturnChange(present, null), "state") { EventId = LogCursor.Of(position) };
        return TypedResults.ServerSentEvents(feed.Follow(position, returnId, first, cancellationToken));
    }

    private static BadRequestProblem BadCursor() =>
        Problems.BadRequest("after", "is not a cursor of this stream");
}
