using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace EseErp.Benchmarks;

/// <summary>Times in milliseconds, from when a request was due.</summary>
internal sealed record Times(double P50, double P95, double P99)
{
    public static Times Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? new Times(0, 0, 0) : new Times(Figure.Quantile(sorted, 0.5), Figure.Quantile(sorted, 0.95), Figure.Quantile(sorted, 0.99));
    }

    public override string ToString() => $"{Figure.Show(P50)}, {Figure.Show(P95)}, {Figure.Show(P99)} ms";
}

/// <summary>One rate, held for a while.</summary>
/// <param name="Refused">Requests that were not answered with 201 or 202.</param>
/// <param name="Unsettled">The share of returns that was not settled a second after the last was due.</param>
/// <param name="ClientLateMs">How late the client itself began its 99th of 100 requests.</param>
/// <param name="Failure">Why the rate was not carried; null when it was.</param>
internal sealed record RateStep(int Rate, int Filed, int Refused, Times Post, Times Settle, double Unsettled, double ClientLateMs, string Failure)
{
    public bool IsCarried => Failure.Length == 0;
}

/// <summary>
/// Files returns one by one at a fixed rate whatever the answers do, over up to 64 connections, and sees in Tracking's database
/// when each is settled.
/// </summary>
internal sealed class RateLoad(IRatedSystem system, Observer observer) : IDisposable
{
    public const int Connections = 64;

    private const double MostSettleMs = 1_000;
    private const double MostUnsettled = 0.01;
    private const double MostClientLateMs = 100;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan OpenLook = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = Connections }) { Timeout = Patience };

    /// <summary>
    /// Clients that file so many, each as soon as it has its answer: how many a second end for every team, between the tenth and the
    /// ninetieth of a hundred.
    /// </summary>
    public async Task<double> WholeLives(int returns, int clients, string after, CancellationToken cancellationToken)
    {
        var filing = WarmUp(returns, clients, cancellationToken);
        var (from, to) = (returns / 10, returns * 9 / 10);
        var (begun, start) = (0L, Stopwatch.GetTimestamp());
        while (true)
        {
            if (filing.IsFaulted) await filing;
            var ended = await observer.Ended(system.Table, after, cancellationToken);
            if (ended >= from && begun == 0) (begun, start) = (ended, Stopwatch.GetTimestamp());
            if (ended >= to)
            {
                await filing;
                return (ended - begun) / Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            if (Stopwatch.GetElapsedTime(start) > 5 * Patience) throw new InvalidOperationException($"{system.Name}: {ended} of {returns} returns have ended, and it takes too long.");
            await Task.Delay(OpenLook, cancellationToken);
        }
    }

    /// <summary>Files so many, a few at once, each as soon as the one before it has its answer.</summary>
    public Task WarmUp(int returns, int clients, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(0, returns).Select(_ => system.NextBody()).ToList(),
        new ParallelOptions { MaxDegreeOfParallelism = clients, CancellationToken = cancellationToken },
        async (body, token) =>
        {
            if (await Post(body, token) is null) throw new InvalidOperationException($"{system.Name} did not accept a return while it was warmed up.");
        });

    public async Task<RateStep> Run(int rate, TimeSpan duration, CancellationToken cancellationToken)
    {
        var bodies = Enumerable.Range(0, (int)(rate * duration.TotalSeconds)).Select(_ => system.NextBody()).ToList();
        var filing = new Filing(bodies.Count);
        var start = Stopwatch.GetTimestamp();
        var sending = Send(bodies, rate, start, filing, cancellationToken);
        var settled = new List<double>();
        double? unsettled = null;
        var progressAt = start;
        while (settled.Count + filing.Refused < bodies.Count)
        {
            if (sending.IsFaulted) await sending;
            var lookAt = Stopwatch.GetTimestamp();
            if (!filing.Open.IsEmpty)
            {
                var found = await observer.Settled(system.Table, [.. filing.Open.Keys], cancellationToken);
                foreach (var returnId in found)
                    if (filing.Open.TryRemove(returnId, out var due)) settled.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
                if (found.Count > 0) progressAt = Stopwatch.GetTimestamp();
            }

            if (Stopwatch.GetElapsedTime(start) > duration + Grace) unsettled ??= 1 - ((double)(settled.Count + filing.Refused) / bodies.Count);
            if (Stopwatch.GetElapsedTime(progressAt) > duration + Patience)
                throw new InvalidOperationException($"{system.Name} at {rate}/s: {settled.Count} of {bodies.Count} returns are settled, and no more come.");
            // With much open a look takes a while: it shall not take more than a part of the time.
            var pause = 4 * Stopwatch.GetElapsedTime(lookAt);
            await Task.Delay(pause > Look ? pause : Look, cancellationToken);
        }

        await sending;
        return Judge(new RateStep(
            rate, bodies.Count, filing.Refused, Times.Of(filing.Answered), Times.Of(settled), unsettled ?? 0, Times.Of(filing.Late).P99, ""));
    }

    /// <summary>Waits until every return after that one has ended for every team.</summary>
    /// <returns>How many stay open.</returns>
    public async Task<long> Closed(string after, CancellationToken cancellationToken)
    {
        for (var (least, since) = (long.MaxValue, Stopwatch.GetTimestamp()); ; await Task.Delay(OpenLook, cancellationToken))
        {
            var open = await observer.Open(system.Table, after, cancellationToken);
            if (open < least) (least, since) = (open, Stopwatch.GetTimestamp());
            if (open == 0 || Stopwatch.GetElapsedTime(since) > Patience) return open;
        }
    }

    public void Dispose() => _client.Dispose();

    private static RateStep Judge(RateStep step) => step with
    {
        Failure = string.Join(", ", new[]
        {
            step.Refused > 0 ? $"{step.Refused} requests were not accepted" : null,
            step.Settle.P99 > MostSettleMs ? $"p99 of settling is {Figure.Show(step.Settle.P99)} ms" : null,
            step.Unsettled > MostUnsettled ? $"{100 * step.Unsettled:0} % were not settled a second after the last was due" : null,
            step.ClientLateMs > MostClientLateMs ? $"the client was {Figure.Show(step.ClientLateMs)} ms late" : null,
        }.OfType<string>()),
    };

    private async Task Send(List<byte[]> bodies, int rate, long start, Filing filing, CancellationToken cancellationToken)
    {
        var requests = new List<Task>(bodies.Count);
        for (var number = 0; number < bodies.Count; number++)
        {
            var due = start + (long)((double)number / rate * Stopwatch.Frequency);
            while (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { Ticks: > 0 } early)
                await Task.Run(() => Thread.Sleep(Math.Max(1, (int)early.TotalMilliseconds)), cancellationToken);
            filing.Late[number] = Stopwatch.GetElapsedTime(due).TotalMilliseconds;
            var body = bodies[number];
            requests.Add(Task.Run(async () =>
            {
                var returnId = await Post(body, cancellationToken);
                filing.Answered.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
                if (returnId is not null) filing.Open[returnId] = due;
                else filing.Refuse();
            }, cancellationToken));
        }

        await Task.WhenAll(requests);
    }

    /// <returns>Null when the return was not accepted.</returns>
    private async Task<string?> Post(byte[] body, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            using var answer = await _client.PostAsync(system.Returns, content, cancellationToken);
            return answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Created ? answer.Headers.Location!.OriginalString.Split('/')[^1] : null;
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private sealed class Filing(int count)
    {
        private int _refused;

        public ConcurrentDictionary<string, long> Open { get; } = new();

        public ConcurrentBag<double> Answered { get; } = [];

        public double[] Late { get; } = new double[count];

        public int Refused => _refused;

        public void Refuse() => Interlocked.Increment(ref _refused);
    }
}
