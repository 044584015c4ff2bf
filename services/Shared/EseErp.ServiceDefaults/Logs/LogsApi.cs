using System.ComponentModel;
using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace EseErp.ServiceDefaults;

/// <summary>The team's log over HTTP.</summary>
internal static class LogsApi
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private const int BatchSize = 200;

    public static void MapLogs(this IEndpointRouteBuilder routes)
    {
        var logs = routes.MapGroup("/logs").WithTags("Logs").SparedByFaults();
        logs.MapGet("/", Read)
            .WithSummary("The team's latest log entries, oldest first")
            .WithDescription("The last 10,000 entries are kept. To continue where a page ended, even the last one, pass the sequence of its last item as `after`.");
        logs.MapGet("/stream", Stream)
            .WithSummary("The team's log, live (server-sent events)")
            .WithDescription("Sends the kept entries after `after` (or `Last-Event-ID`), then every new entry until the client disconnects. "
                + "The id of each event is its sequence. An event `gap` says how many entries a slow reader has missed; a `heartbeat` comes every 15 s.");
    }

    private static Results<Ok<Page<LogEntry>>, BadRequestProblem> Read([AsParameters] Paging paging, LogRing ring)
    {
        if (!TryParse(paging.After, out var after)) return Problems.BadRequest("after", "is not a cursor of this list");
        var (entries, more) = ring.Read(after, paging.Size);
        return TypedResults.Ok(new Page<LogEntry>(entries, more ? Cursor(entries[^1].Sequence) : null));
    }

    private static Results<ServerSentEventsResult<string>, BadRequestProblem> Stream(
        [Description("The sequence of the last entry that you have; without it all that are kept.")] string? after,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId,
        LogRing ring,
        IHostApplicationLifetime lifetime,
        TimeProvider clock,
        HttpContext context)
    {
        if (!TryParse(string.IsNullOrEmpty(lastEventId) ? after : lastEventId, out var start))
            return Problems.BadRequest("after", "is not a cursor of this list");
        var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        context.Response.RegisterForDispose(ending);
        return TypedResults.ServerSentEvents(Follow(ring, start, clock, ending.Token, CancellationToken.None));
    }

    private static async IAsyncEnumerable<SseItem<string>> Follow(
        LogRing ring, long after, TimeProvider clock, CancellationToken ending, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Sent first, so that a client knows at once that it is connected even when the log is silent.
        yield return new SseItem<string>(string.Empty, "heartbeat");
        while (!ending.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            var arrival = ring.NextArrival;
            var (entries, _) = ring.Read(after, BatchSize);
            if (entries.Count == 0)
            {
                if (!await ArrivesBeforeHeartbeat(arrival, clock, ending) && !ending.IsCancellationRequested)
                    yield return new SseItem<string>(string.Empty, "heartbeat");
                continue;
            }

            if (ring.MissedBetween(after, entries[0].Sequence) is var missed and > 0)
                yield return new SseItem<string>($$"""{"missed":{{missed}}}""", "gap");
            foreach (var entry in entries)
            {
                yield return new SseItem<string>(Encoding.UTF8.GetString(entry.Json.Span), "log") { EventId = Cursor(entry.Sequence) };
                if (ending.IsCancellationRequested) yield break;
            }

            after = entries[^1].Sequence;
        }
    }

    private static async Task<bool> ArrivesBeforeHeartbeat(Task arrival, TimeProvider clock, CancellationToken ending)
    {
        try
        {
            await arrival.WaitAsync(Heartbeat, clock, ending);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    private static string Cursor(long sequence) => sequence.ToString(CultureInfo.InvariantCulture);

    private static bool TryParse(string? cursor, out long sequence)
    {
        sequence = 0;
        return string.IsNullOrEmpty(cursor) || (long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out sequence) && sequence < long.MaxValue);
    }
}
