using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using EseErp.Launcher.Api;

namespace EseErp.Lab.Returns;

/// <summary>
/// Files returns as patient clients do: who gets no definite answer sends the same request with the same key again, to the
/// next process of User Support.
/// </summary>
/// <param name="intakes">Each process of User Support, as behind a load balancer.</param>
/// <param name="patience">After this long without a definite answer it gives up.</param>
/// <param name="connections">Most connections at once to one process.</param>
internal sealed class Intake(IReadOnlyList<Uri> intakes, TimeSpan patience, int connections = 64) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    private readonly HttpClient _client =
        new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = connections }) { Timeout = Timeout.InfiniteTimeSpan };

    private int _repeated;

    /// <summary>Requests that had to be sent again.</summary>
    public int Repeated => _repeated;

    /// <param name="first">Which intake to begin with.</param>
    public async Task<IReadOnlyList<FiledReturn>> InsistAsync(PlannedRequest request, int first, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        for (var intake = first; clock.Elapsed < patience; intake++)
        {
            if (await SendAsync(request, intakes[intake % intakes.Count], cancellationToken) is { } answered)
                return answered;
            Interlocked.Increment(ref _repeated);
            await Task.Delay(s_pause, cancellationToken);
        }

        return [.. request.Returns.Select(planned => new FiledReturn(planned, FilingAnswer.None, null, 0))];
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Null: no definite answer.</summary>
    private async Task<IReadOnlyList<FiledReturn>?> SendAsync(PlannedRequest request, Uri intake, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(intake, request.IsBatch ? "returns/batch" : "returns"))
        {
            Content = JsonContent.Create(request.IsBatch ? new { returns = request.Returns.Select(Body) } : Body(request.Returns[0])),
        };
        message.Headers.Add("Idempotency-Key", request.Key);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(request.IsBatch ? 60 : 15));
        try
        {
            using var response = await _client.SendAsync(message, limit.Token);
            var text = await response.Content.ReadAsStringAsync(limit.Token);
            using var body = JsonDocument.Parse(text.Length == 0 ? "{}" : text);
            return Read(request, (int)response.StatusCode, body.RootElement);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException)
        {
            return null;
        }
    }

    private static IReadOnlyList<FiledReturn>? Read(PlannedRequest request, int status, JsonElement body)
    {
        if (!request.IsBatch)
            return Read(request.Returns[0], status, body.Text("returnId"), body.Text("returnStatus") ?? body.Text("status")) is { } filed ? [filed] : null;
        if (status != 200)
            return IsRefusal(status) ? [.. request.Returns.Select(planned => new FiledReturn(planned, FilingAnswer.Refused, null, status))] : null;
        var results = body.GetProperty("results").EnumerateArray().ToList();
        return
        [
            .. request.Returns.Zip(results, (planned, result) =>
            {
                var (code, id) = (result.GetProperty("httpStatus").GetInt32(), result.Text("returnId"));
                // Busy with it when the answer was due: it is taken, and someone is on it.
                return Read(planned, code, id, result.Text("status")) ?? new FiledReturn(planned, FilingAnswer.Incomplete, id, code);
            }),
        ];
    }

    private static FiledReturn? Read(PlannedReturn planned, int status, string? returnId, string? returnStatus) => (status, returnId) switch
    {
        (200 or 201 or 202, not null) => new FiledReturn(planned, FilingAnswer.Accepted, returnId, status),
        (409, not null) when returnStatus is "Declined" => new FiledReturn(planned, FilingAnswer.Declined, returnId, status),
        (502 or 504, not null) => new FiledReturn(planned, FilingAnswer.Incomplete, returnId, status),
        _ => IsRefusal(status) ? new FiledReturn(planned, FilingAnswer.Refused, returnId, status) : null,
    };

    // Of the others a later attempt can have another outcome: still being worked on, too many requests, all kinds of trouble.
    private static bool IsRefusal(int status) => status is >= 300 and < 500 and not (408 or 409 or 429);

    private static object Body(PlannedReturn planned) => new
    {
        planned.Device.OrderId,
        planned.Device.LineId,
        planned.Device.Sku,
        planned.Device.SerialNumber,
        planned.Device.Reason,
        planned.Device.ShipmentId,
        planned.Device.Location,
        planned.Device.CostCenter,
        planned.Resolution,
        planned.ReplacementTiming,
        planned.Mode,
    };
}
