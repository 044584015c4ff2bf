using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EseErp.ServiceDefaults;

/// <summary>
/// Rehearses the service's hot paths, one after the other, before the service says that it is ready: the first customer does not wait for code to be
/// compiled, models to be built and connections to be opened. A path that fails is logged, and so is a warm-up that takes too long; the
/// service then becomes ready all the same, and is slow at first.
/// </summary>
internal sealed partial class WarmUp(
    IEnumerable<HotPath> paths, RehearsedRequests requests, IServiceProvider services, IHostApplicationLifetime lifetime, IOptions<ServiceSettings> settings,
    ILogger<WarmUp> log) : BackgroundService, IHealthCheck
{
    /// <summary>Its name among the readiness checks.</summary>
    public const string Check = "warm";

    private volatile bool over;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(over ? HealthCheckResult.Healthy("hot paths have run") : HealthCheckResult.Unhealthy("warming up"));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var limit = settings.Value.WarmUpLimit;
            if (limit > TimeSpan.Zero && await Started(stoppingToken)) await RunAll(limit, stoppingToken);
        }
        finally
        {
            over = true;
        }
    }

    private async Task RunAll(TimeSpan atMost, CancellationToken stoppingToken)
    {
        var began = Stopwatch.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(atMost);
        var succeeded = 0;
        foreach (var path in requests.Paths.Concat(paths))
        {
            try
            {
                // What does not heed the token is not waited for either; it stays a rehearsal to its end.
                await Rehearsal.Run(() => path.Rehearse(services, limit.Token)).WaitAsync(limit.Token);
                succeeded++;
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (!limit.IsCancellationRequested)
            {
                LogFailed(path.Name, exception);
            }
            catch (Exception)
            {
                LogTooSlow(path.Name, atMost.TotalSeconds);
                return;
            }
        }

        if (succeeded > 0) LogWarm((int)Stopwatch.GetElapsedTime(began).TotalMilliseconds, succeeded);
    }

    private async Task<bool> Started(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var whenStarted = lifetime.ApplicationStarted.Register(() => started.TrySetResult(true));
        await using var whenStopping = stoppingToken.Register(() => started.TrySetResult(false));
        return await started.Task;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Warm after {Milliseconds} ms: {Count} hot paths have run")]
    private partial void LogWarm(int milliseconds, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Warm-up of {Path} failed; its first request may take longer")]
    private partial void LogFailed(string path, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Warm-up ends after {Seconds} s at {Path}; the first requests may take longer")]
    private partial void LogTooSlow(string path, double seconds);
}
