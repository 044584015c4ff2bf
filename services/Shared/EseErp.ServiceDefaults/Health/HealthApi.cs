using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EseErp.ServiceDefaults;

/// <summary>Whether a service lives, and whether it can work.</summary>
internal static class HealthApi
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").WithTags("Health").SparedByFaults();
        health.MapGet("/live", () => TypedResults.Ok(new HealthAnswer("Healthy", [])))
            .WithSummary("Answers 200 while the process is running");
        health.MapGet("/ready", Ready)
            .WithSummary("Answers 200 when the service can work, 503 with the reason when it cannot")
            .Produces<HealthAnswer>()
            .Produces<HealthAnswer>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> Ready(HealthCheckService checks, ReadinessLog log, CancellationToken cancellation)
    {
        var report = await checks.CheckHealthAsync(static check => check.Tags.Contains(HealthTags.Ready), cancellation);
        log.Note(report);
        var results = report.Entries.Select(entry => new CheckAnswer(entry.Key, entry.Value.Status.ToString(), Describe(entry.Value))).ToArray();
        return TypedResults.Json(
            new HealthAnswer(report.Status.ToString(), results),
            statusCode: report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    /// <summary>An exception's text may quote a connection string, so it stays in the log.</summary>
    private static string? Describe(HealthReportEntry entry) => entry.Exception is null
        ? (entry.Description is null ? null : LogLine.Clean(entry.Description, 500))
        : $"{entry.Exception.GetType().Name}; the service's log has the details";
}

/// <summary>Tags of health checks.</summary>
public static class HealthTags
{
    /// <summary>A check with this tag decides whether the service is ready.</summary>
    public const string Ready = "ready";
}

/// <summary>The health of a service: <c>Healthy, Degraded, Unhealthy</c>.</summary>
internal sealed record HealthAnswer(string Status, IReadOnlyList<CheckAnswer> Checks);

/// <summary>One check of it.</summary>
internal sealed record CheckAnswer(string Name, string Status, string? Description);

/// <summary>Not ready once the service has begun to stop, so that a load balancer sends no more work.</summary>
internal sealed class AcceptingWork(IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("stopping")
            : lifetime.ApplicationStarted.IsCancellationRequested ? HealthCheckResult.Healthy("accepting work")
            : HealthCheckResult.Unhealthy("starting"));
}

/// <summary>Logs a check when its status changes; the framework would log a failing one at every poll.</summary>
internal sealed class ReadinessLog(ILogger<ReadinessLog> logger)
{
    private readonly ConcurrentDictionary<string, HealthStatus> last = new(StringComparer.Ordinal);

    public void Note(HealthReport report)
    {
        foreach (var (name, entry) in report.Entries)
        {
            // Says so itself, once.
            if (name == WarmUp.Check) continue;
            var before = last.TryGetValue(name, out var status) ? status : HealthStatus.Healthy;
            last[name] = entry.Status;
            if (before == entry.Status) continue;
            logger.Log(
                entry.Status == HealthStatus.Healthy ? LogLevel.Information : LogLevel.Warning,
                entry.Exception, "Health check {Check} went from {Before} to {Now}: {Description}", name, before, entry.Status, entry.Description);
        }
    }
}
