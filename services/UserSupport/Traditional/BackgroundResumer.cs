using System.Collections.Concurrent;
using EseErp.UserSupport.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EseErp.UserSupport.Traditional;

/// <summary>
/// Resumes returns automatically: those whose driver died, those that lack an answer of a team, those that wait for a decision of
/// a team, and those whose item is overdue.
/// </summary>
internal sealed partial class BackgroundResumer(
    IServiceScopeFactory scopes, TraditionalProcess process, IOptions<TraditionalOptions> options, TimeProvider clock, ILogger<BackgroundResumer> log)
    : BackgroundService
{
    // Several at once, and the others need not wait for them: a team that hangs holds up few of many.
    private const int AtOnce = 8;

    private readonly ConcurrentDictionary<string, bool> _driven = [];
    private readonly SemaphoreSlim _free = new(AtOnce);

    private sealed record Due(string ReturnId, string CorrelationId, bool DriverDied);

    public override void Dispose()
    {
        _free.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await Sweep(stoppingToken);
        }
        finally
        {
            // Those under way write down what came of their calls.
            for (var each = 0; each < AtOnce; each++) await _free.WaitAsync(CancellationToken.None);
        }
    }

    private async Task Sweep(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var due in await Find(cancellationToken))
            {
                if (!_driven.TryAdd(due.ReturnId, true)) continue;
                // Those that get no turn are found again.
                if (!await _free.WaitAsync(options.Value.SweepInterval, cancellationToken))
                {
                    _driven.TryRemove(due.ReturnId, out _);
                    return;
                }

                _ = Task.Run(() => Drive(due, cancellationToken), CancellationToken.None);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception.Message);
        }
    }

    private async Task Drive(Due due, CancellationToken cancellationToken)
    {
        using var scope = log.BeginScope(new Dictionary<string, object> { ["correlationId"] = due.CorrelationId });
        try
        {
            if (due.DriverDied) LogStalled(due.ReturnId);
            await process.Drive(due.ReturnId, cancellationToken);
        }
        catch (Exception exception)
        {
            LogFailed(exception.Message);
        }
        finally
        {
            _driven.TryRemove(due.ReturnId, out _);
            _free.Release();
        }
    }

    private async Task<Due[]> Find(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<UserSupportDb>();
        var now = clock.GetUtcNow();
        // What lies farther ahead was written by a clock that was wrong.
        var (leased, asleep) = (now + options.Value.Lease, now + options.Value.LongestSleep);
        // A row that is locked is being worked on just now. The index of each kind has only the rows of that kind.
        var due = await db.Database.SqlQuery<Due>(
            $"""
            select saga.return_id as "ReturnId", asked.correlation_id as "CorrelationId", saga.driven_until is not null as "DriverDied"
            from traditional_returns saga join returns asked on asked.return_id = saga.return_id
            where saga.return_id = any (array(
                select return_id from traditional_returns where driven_until < {now} or driven_until > {leased}
                union all
                select return_id from traditional_returns where driven_until is null and (wake_at < {now} or wake_at > {asleep})
                union all
                select overdue.return_id from traditional_returns overdue join returns late on late.return_id = overdue.return_id
                where driven_until is null and wake_at is null and due_at < {now} and undo_cause is null
                  and (reported ->> 'received') is null and (reported ->> 'waived') is null and late.status in ('Approved', 'UnderReview')
                limit 200))
            for update of saga skip locked
            """).ToArrayAsync(cancellationToken);
        // Another replica has the same list: in the same order each would mostly find what the other is driving.
        Random.Shared.Shuffle(due);
        return due;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Return {ReturnId} was interrupted and continues")]
    private partial void LogStalled(string returnId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Automatic resume failed: {Reason}")]
    private partial void LogFailed(string reason);
}
