using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>
/// Requests at a fixed rate whatever the answers do, each timed from when it was due, not from when it was sent: one that waits
/// behind a slow one counts its waiting.
/// </summary>
internal sealed class LatencyBenchmark(SystemUnderTest system, Extent extent, Action<string> report)
{
    private const int FileRate = 500;
    private const int SettleRate = 200;
    private const int LowRate = 50;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>How many returns are filed in all.</summary>
    public static int ReturnsOf(Extent extent) => (int)((FileRate + SettleRate + LowRate) * (extent.OpenLoop.TotalSeconds + 5)) + FileRate;

    public async Task<IReadOnlyList<Figure>> Run(CancellationToken cancellationToken)
    {
        await Answers(FileRate, TimeSpan.FromSeconds(3), null, cancellationToken);
        var answers = await Answers(FileRate, extent.OpenLoop, null, cancellationToken);
        await Quiet(cancellationToken);
        await SettleTimes(SettleRate, TimeSpan.FromSeconds(2), cancellationToken);
        var settled = await SettleTimes(SettleRate, extent.OpenLoop, cancellationToken);
        // What a small machine carries beside everything else that runs on it.
        var lowAnswers = new List<double>();
        var low = await SettleTimes(LowRate, extent.OpenLoop, cancellationToken, lowAnswers);
        return
        [
            Time($"POST /returns at {FileRate}/s", answers, Target.Most(10)),
            Time($"time to settle at {SettleRate}/s", settled, Target.Most(100)),
            Time($"POST /returns at {LowRate}/s", lowAnswers, null),
            Time($"time to settle at {LowRate}/s", low, null),
        ];
    }

    private Figure Time(string what, IReadOnlyList<double> sorted, Target? target) =>
        new(system.Broker, $"{what}, p99", Figure.Quantile(sorted, 0.99), "ms", target, Describe(sorted));

    private static string Describe(IReadOnlyList<double> sorted) =>
        $"p50 {Figure.Show(Figure.Quantile(sorted, 0.5))}, p95 {Figure.Show(Figure.Quantile(sorted, 0.95))}, most {Figure.Show(sorted[^1])} ms of {sorted.Count:N0}";

    /// <summary>Milliseconds from due to answered, sorted.</summary>
    private async Task<IReadOnlyList<double>> Answers(
        int rate, TimeSpan duration, Action<string, long>? accepted, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 512 }) { Timeout = Patience };
        var address = new Uri(system.AddressOf("user-support"), "returns");
        var bodies = system.NextDevices((int)(rate * duration.TotalSeconds)).Select(device => JsonSerializer.SerializeToUtf8Bytes(Load.Body(device, "event"), JsonSerializerOptions.Web)).ToList();
        await system.Checkpoint();
        var latencies = new ConcurrentBag<double>();
        var requests = new List<Task>(bodies.Count);
        var start = Stopwatch.GetTimestamp();
        for (var number = 0; number < bodies.Count; number++)
        {
            var due = start + (long)((double)number / rate * Stopwatch.Frequency);
            while (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { Ticks: > 0 } early)
                await Task.Run(() => Thread.Sleep(Math.Max(1, (int)early.TotalMilliseconds)), cancellationToken);
            var body = bodies[number];
            requests.Add(Task.Run(() => Send(body, due), cancellationToken));
        }

        await Task.WhenAll(requests);
        var sorted = latencies.Order().ToList();
        report($"{system.Broker}, POST /returns at {rate}/s: {Describe(sorted)}, p99 {Figure.Show(Figure.Quantile(sorted, 0.99))}; load {ProcessFigures.Load()}");
        return sorted;

        async Task Send(byte[] body, long due)
        {
            using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            using var answer = await client.PostAsync(address, content, cancellationToken);
            if (answer.StatusCode != HttpStatusCode.Accepted) throw new InvalidOperationException($"A return was answered {answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            latencies.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
            accepted?.Invoke(answer.Headers.Location!.OriginalString.Split('/')[^1], due);
        }
    }

    /// <summary>Milliseconds from due until Tracking's database shows that all four teams have answered, sorted.</summary>
    /// <param name="answers">Gets the milliseconds from due to answered, sorted.</param>
    private async Task<IReadOnlyList<double>> SettleTimes(int rate, TimeSpan duration, CancellationToken cancellationToken, List<double>? answers = null)
    {
        var open = new ConcurrentDictionary<string, long>();
        var settled = new List<double>();
        var wanted = (int)(rate * duration.TotalSeconds);
        var filing = Answers(rate, duration, (returnId, due) => open[returnId] = due, cancellationToken);
        await using var connection = await system.Connect("ese_tracking", cancellationToken);
        var asked = new NpgsqlParameter<string[]> { TypedValue = [] };
        await using var command = new NpgsqlCommand("select return_id from returns where return_id = any ($1) and settled_at is not null", connection) { Parameters = { asked } };
        await command.PrepareAsync(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        while (settled.Count < wanted)
        {
            if (filing.IsFaulted) await filing;
            if (Stopwatch.GetElapsedTime(started) > duration + Patience) throw new InvalidOperationException($"{settled.Count} of {wanted} returns are settled.");
            asked.TypedValue = [.. open.Keys];
            if (asked.TypedValue.Length > 0)
            {
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                    if (open.TryRemove(reader.GetString(0), out var due)) settled.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
            }

            await Task.Delay(Look, cancellationToken);
        }

        var answered = await filing;
        answers?.AddRange(answered);
        settled.Sort();
        report($"{system.Broker}, time to settle at {rate}/s: {Describe(settled)}, p99 {Figure.Show(Figure.Quantile(settled, 0.99))}; load {ProcessFigures.Load()}");
        return settled;
    }

    /// <summary>Waits until what was filed is settled.</summary>
    private async Task Quiet(CancellationToken cancellationToken)
    {
        for (var (least, since) = (long.MaxValue, Stopwatch.GetTimestamp()); ; await Task.Delay(100, cancellationToken))
        {
            var open = await system.Ask<long>("ese_tracking", "select count(*) from returns where settled_at is null");
            if (open == 0) return;
            if (open < least) (least, since) = (open, Stopwatch.GetTimestamp());
            if (Stopwatch.GetElapsedTime(since) > Patience) throw new InvalidOperationException($"{open} returns do not settle.");
        }
    }
}
