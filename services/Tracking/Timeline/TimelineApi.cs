using System.Globalization;
using EseErp.Contracts;
using EseErp.ServiceDefaults;
using EseErp.Tracking.Data;
using EseErp.Tracking.Rebuild;
using EseErp.Tracking.Returns;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Tracking.Timeline;

/// <summary>The timeline of a return: all teams, both modes, in time order.</summary>
public static class TimelineApi
{
    public static void MapTimeline(this IEndpointRouteBuilder routes) => routes.MapGet("/returns/{returnId}/timeline", Read)
        .WithTags("Returns")
        .WhenWhole()
        .WithSummary("Who did what, and when: the events of all teams about a return, in time order")
        .WithParameterExample("returnId", ReturnsApi.FirstId)
        .Rehearsed(StatusCodes.Status404NotFound, path: $"/returns/{ReturnIds.Rehearsed}/timeline");

    private static async Task<Results<Ok<Page<TimelineItem>>, NotFoundProblem, BadRequestProblem>> Read(
        string returnId, TrackingDb db, [AsParameters] Paging paging, CancellationToken cancellationToken)
    {
        if (!TryParse(paging.After, out var time, out var eventId))
            return Problems.BadRequest("after", "is not a cursor of this timeline");
        var entries = await db.Timeline.AsNoTracking()
            .Where(entry => entry.ReturnId == returnId
                && EF.Functions.GreaterThan(ValueTuple.Create(entry.Time, entry.EventId), ValueTuple.Create(time, eventId)))
            .OrderBy(entry => entry.Time).ThenBy(entry => entry.EventId)
            .Take(paging.Size + 1)
            .ToListAsync(cancellationToken);
        if (entries.Count == 0 && !await db.Returns.AnyAsync(tracked => tracked.ReturnId == returnId, cancellationToken))
            return Problems.NotFound("return", returnId);
        return TypedResults.Ok(Page.Of(entries.Select(TimelineItem.Of), paging.Size, Cursor));
    }

    private static string Cursor(TimelineItem item) => string.Create(CultureInfo.InvariantCulture, $"{item.Time.UtcTicks}-{item.EventId:N}");

    private static bool TryParse(string? cursor, out DateTimeOffset time, out Guid eventId)
    {
        (time, eventId) = (DateTimeOffset.UnixEpoch, Guid.Empty);
        if (string.IsNullOrEmpty(cursor)) return true;
        var dash = cursor.IndexOf('-', StringComparison.Ordinal);
        if (dash <= 0
            || !long.TryParse(cursor.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            || ticks > DateTimeOffset.MaxValue.UtcTicks
            || !Guid.TryParseExact(cursor.AsSpan(dash + 1), "N", out eventId))
            return false;
        time = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }
}
