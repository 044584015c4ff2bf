using System.Diagnostics;
using System.Text.Json;

namespace EseErp.Launcher.Api;

/// <summary>Follows one return on Tracking until nothing more is to come.</summary>
internal sealed class ReturnFollower(EseClient client)
{
    private static readonly string[] s_ended = ["Declined", "Cancelled", "Expired", "Incomplete", "Stuck"];

    private readonly HashSet<string> _seen = [];

    /// <summary>Hands over each entry of the timeline once, as it appears.</summary>
    public async Task<ReturnOutcome> FollowAsync(string returnId, TimeSpan limit, Action<JsonElement> onEntry, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            // Asked before the timeline, so that the timeline holds at least what led to this status.
            var document = await client.GetAsync("tracking", $"returns/{returnId}", cancellationToken);
            await ShowNewAsync(returnId, onEntry, cancellationToken);
            if (document.Succeeded)
            {
                if (IsClosed(document.Body))
                    return new ReturnOutcome(true, document.Body);
                if (s_ended.Contains(document.Body.Text("status")))
                    return new ReturnOutcome(false, document.Body);
            }
            else if (document.Status != 404)
            {
                document.Require();
            }

            if (clock.Elapsed > limit)
                return new ReturnOutcome(false, document.Body) { RanOutOfTime = true };
            await Task.Delay(200, cancellationToken);
        }
    }

    /// <summary>Completed for the customer, and taken apart and posted too.</summary>
    private static bool IsClosed(JsonElement document) => document.Text("status") switch
    {
        "Closed" => true,
        "Completed" => document.TryGetProperty("facets", out var facets) && facets.State("disposal") is "Posted" or "Reversed",
        _ => false,
    };

    private async Task ShowNewAsync(string returnId, Action<JsonElement> onEntry, CancellationToken cancellationToken)
    {
        var timeline = await client.GetAsync("tracking", $"returns/{returnId}/timeline", cancellationToken);
        if (!timeline.Succeeded)
            return;
        foreach (var entry in timeline.Body.Items())
        {
            if (_seen.Add(entry.Text("eventId") ?? entry.Text("id") ?? entry.GetRawText()))
                onEntry(entry);
        }
    }
}

internal sealed record ReturnOutcome(bool Finished, JsonElement Document)
{
    public bool RanOutOfTime { get; init; }

    public string Status => Document.Text("status") ?? "unknown to Tracking";
}
