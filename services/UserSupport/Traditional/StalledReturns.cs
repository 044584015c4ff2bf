using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.UserSupport.Data;
using Microsoft.EntityFrameworkCore;

namespace EseErp.UserSupport.Traditional;

/// <summary>
/// Goes on with returns whose driver died: nobody holds them any more, and they are neither over nor answered as incomplete.
/// </summary>
internal sealed partial class StalledReturns(
    IServiceScopeFactory scopes, TraditionalProcess process, TimeProvider clock, ILogger<StalledReturns> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private sealed record Stalled(string ReturnId, string CorrelationId);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                // Several at once, so that a team that hangs holds up few of many.
                var several = new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = stoppingToken };
                await Parallel.ForEachAsync(await Find(stoppingToken), several, async (stalled, token) =>
                {
                    using var scope = log.BeginScope(new Dictionary<string, object> { ["correlationId"] = stalled.CorrelationId });
                    LogStalled(stalled.ReturnId);
                    await process.Drive(stalled.ReturnId, token);
                });
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.Message);
            }
        }
    }

    private async Task<List<Stalled>> Find(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<UserSupportDb>();
        var now = clock.GetUtcNow();
        // A return that was filed a moment ago has a driver on its way.
        var settledDown = now - TimeSpan.FromSeconds(15);
        return await db.Returns.AsNoTracking()
            .Where(asked => asked.Mode == CoordinationMode.Traditional
                && ((asked.DrivenUntil != null && asked.DrivenUntil < now)
                    || (asked.DrivenUntil == null && asked.Status == ReturnStatus.Requested && asked.AdvancedAt < settledDown)))
            .OrderBy(asked => asked.ReturnId).Select(asked => new Stalled(asked.ReturnId, asked.CorrelationId)).Take(100).ToListAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Return {ReturnId} was left half-way and is continued")]
    private partial void LogStalled(string returnId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Looking for stalled returns failed: {Reason}")]
    private partial void LogFailed(string reason);
}
