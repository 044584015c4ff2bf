using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net.ServerSentEvents;
using System.Text.Json;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EseErp.EventStore;

/// <summary>An event as the event log shows it.</summary>
/// <param name="Cursor">Pass it as <c>after</c> to continue after this event.</param>
public sealed record EventView(
    string Cursor,
    Guid Id,
    string Type,
    string StreamId,
    int StreamVersion,
    string Subject,
    DateTimeOffset Time,
    string CorrelationId,
    string? CausationId,
    string Coordination,
    JsonElement Data)
{
    internal static EventView Of(RecordedEvent e) => new(
        LogCursor.Of(e.Position), e.EventId, e.Type, e.StreamId, e.StreamVersion, e.Subject, e.Time, e.CorrelationId, e.CausationId,
        e.Coordination, JsonElement.Parse(e.Data));
}

/// <summary>A page of the event log.</summary>
/// <param name="Next">The cursor to continue from; null at the end.</param>
public sealed record EventPage(IReadOnlyList<EventView> Items, string? Next);

/// <summary>How many events the log holds.</summary>
public sealed record EventCount(long Events);

/// <summary>A stream as of a version.</summary>
public sealed record StreamView(string StreamId, int Version, IReadOnlyList<EventView> Events);

/// <summary>Every service shows what it has recorded.</summary>
public static class EventLogApi
{
    public static void MapEventLog(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/event-log").WithTags("Event log");
        group.MapGet("/", List).WithSummary("Read this service's events in order, a page at a time");
        group.MapGet("/count", Count).WithSummary("Count this service's events, all or of a type");
        group.MapGet("/stream", Stream).WithSummary("Follow this service's events live, after catching up (server-sent events)")
            .WithDescription("Sends every event after `after` (or `Last-Event-ID`), then each new one, until the client disconnects. Each has its type as the "
                + "event name and its cursor as id. A `heartbeat` comes first, and when nothing happens for 15 s.");
        group.MapGet("/streams/{streamId}", ReadStream).WithSummary("Read one stream, as of a version if asked")
            .WithParameterExample("streamId", services => $"RMA-{services.GetRequiredService<TimeProvider>().GetUtcNow().Year}-000001");
    }

    private static async Task<Results<Ok<EventPage>, BadRequestProblem>> List(
        EventLog log,
        CancellationToken cancellationToken,
        [Description("Cursor of the last event that you have; without it, or with 0, from the beginning.")] string? after = null,
        [Range(1, 1000), Description("How many events at most, 1 to 1,000; default 100.")] int limit = 100,
        [StringLength(100), Description("An event type, or the beginning of one and a star: ese.sales.*")] string? type = null)
    {
        if (!LogCursor.TryParse(after, out var position)) return BadCursor();
        if (limit is < 1 or > 1000) return Problems.BadRequest("limit", "Must be 1 to 1000.");
        if (type?.Length > 100) return Problems.BadRequest("type", "Must be at most 100 characters.");
        var events = await log.Read(position, limit + 1, type, cancellationToken);
        var page = events.Take(limit).Select(EventView.Of).ToList();
        return TypedResults.Ok(new EventPage(page, events.Count > limit ? page[^1].Cursor : null));
    }

    private static async Task<Results<Ok<EventCount>, BadRequestProblem>> Count(
        EventLog log,
        CancellationToken cancellationToken,
        [StringLength(100), Description("An event type, or the beginning of one and a star: ese.sales.*")] string? type = null) =>
        type?.Length > 100
            ? Problems.BadRequest("type", "Must be at most 100 characters.")
            : TypedResults.Ok(new EventCount(await log.Count(type, cancellationToken)));

    private static Results<ServerSentEventsResult<EventView?>, BadRequestProblem> Stream(
        EventLog log,
        IHostApplicationLifetime lifetime,
        TimeProvider clock,
        CancellationToken cancellationToken,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId = null,
        [Description("Cursor of the last event that you have; without it, or with 0, from the beginning.")] string? after = null,
        [StringLength(100), Description("An event type, or the beginning of one and a star: ese.sales.*")] string? type = null)
    {
        // A browser that reconnects says where it was.
        if (!LogCursor.TryParse(string.IsNullOrEmpty(lastEventId) ? after : lastEventId, out var position)) return BadCursor();
        if (type?.Length > 100) return Problems.BadRequest("type", "Must be at most 100 characters.");
        return TypedResults.ServerSentEvents(LiveStream.Of(
            token => log.Follow(position, type, token).Select(EventView.Of).Select(view => new SseItem<EventView?>(view, view.Type) { EventId = view.Cursor }),
            clock, lifetime.ApplicationStopping, cancellationToken));
    }

    private static async Task<Results<Ok<StreamView>, NotFoundProblem, BadRequestProblem>> ReadStream(
        string streamId, EventStreams streams, CancellationToken cancellationToken,
        [Description("Read only up to this version; without it all.")] int? version = null)
    {
        if (version is < 1) return Problems.BadRequest("version", "Must be 1 or more.");
        var events = await streams.ReadStream(streamId, version, cancellationToken);
        return events.Count == 0
            ? Problems.NotFound("stream", streamId)
            : TypedResults.Ok(new StreamView(streamId, events[^1].StreamVersion, events.Select(EventView.Of).ToList()));
    }

    private static BadRequestProblem BadCursor() => Problems.BadRequest("after", "Not a cursor of this log: pass the next or cursor of an earlier answer.");
}
