using System.Net.ServerSentEvents;
using System.Text.Json;

namespace EseErp.SystemTests.Running;

/// <summary>One server-sent event.</summary>
public sealed record SentEvent(string Type, string? Id, JsonElement Data);

/// <summary>A stream of server-sent events that is read while the test goes on.</summary>
public sealed class ServerSentEvents : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly CancellationTokenSource _leaving = new();
    private readonly List<SentEvent> _received = [];
    private readonly Task _reading;

    private ServerSentEvents(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _reading = Task.Run(() => Read(body));
    }

    /// <summary>What has come so far.</summary>
    public IReadOnlyList<SentEvent> Received
    {
        get
        {
            lock (_received) return [.. _received];
        }
    }

    public static async Task<ServerSentEvents> Read(HttpResponseMessage response)
    {
        response.IsSuccessStatusCode.ShouldBeTrue();
        response.Content.Headers.ContentType?.MediaType.ShouldBe("text/event-stream");
        return new ServerSentEvents(response, await response.Content.ReadAsStreamAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        _response.Dispose();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _leaving.Dispose();
    }

    private async Task Read(Stream body)
    {
        await foreach (var item in SseParser.Create(body).EnumerateAsync(_leaving.Token))
        {
            // Says only that the connection lives.
            if (item.EventType == "heartbeat") continue;
            lock (_received) _received.Add(new SentEvent(item.EventType, item.EventId, JsonElement.Parse(item.Data)));
        }
    }
}
