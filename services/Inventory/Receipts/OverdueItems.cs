using EseErp.EventStore;
using EseErp.Inventory.Data;
using EseErp.Inventory.Shipments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EseErp.Inventory.Receipts;

/// <summary>
/// Expires returns whose item did not come back in time. Only in event mode; a traditional return is driven by User Support,
/// which knows the due date too.
/// </summary>
public sealed partial class OverdueItems(
    IServiceScopeFactory scopes, IOptions<ShipmentOptions> options, TimeProvider clock, ILogger<OverdueItems> log) : BackgroundService
{
    private const int BatchSize = 200;

    private sealed record Overdue(string ReturnId, string CorrelationId);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ExpiryInterval, clock);
        do
        {
            try
            {
                while (await ExpireDue(stoppingToken) == BatchSize)
                {
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogInterrupted(options.Value.ExpiryInterval.TotalSeconds, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Expires what is overdue by now, at most a batch of it.</summary>
    /// <returns>How many were looked at.</returns>
    public async Task<int> ExpireDue(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UnitOfWork>().Run(token => ExpireDue(scope.ServiceProvider, token), cancellationToken);
    }

    private async Task<int> ExpireDue(IServiceProvider services, CancellationToken cancellationToken)
    {
        var db = services.GetRequiredService<InventoryDb>();
        var desk = services.GetRequiredService<ShipmentDesk>();
        var causality = services.GetRequiredService<Causality>();
        // One replica at a time: rows are locked stock first, so the overdue requests cannot be claimed by locking them here.
        if (!await db.Database.SqlQuery<bool>($"select pg_try_advisory_xact_lock(hashtext('overdue-items')) as \"Value\"").SingleAsync(cancellationToken)) return 0;
        var now = clock.GetUtcNow();
        var overdue = await FindOverdue(db, now, cancellationToken);
        if (overdue.Count == 0) return 0;

        await services.GetRequiredService<ShipmentRows>().Load(overdue.Select(item => item.ReturnId).ToList(), [], cancellationToken);
        foreach (var (returnId, correlationId) in overdue)
        {
            // The item may have come in, or a cancellation closed the receipt, since it was found.
            if (await desk.Find(returnId, cancellationToken) is not { } request || request.ReasonNotToExpire(now) is not null) continue;
            causality.CorrelationId = correlationId;
            using var logScope = log.BeginScope(new Dictionary<string, object> { ["returnId"] = returnId, ["correlationId"] = correlationId });
            await desk.Expire(request, cancellationToken);
        }

        return overdue.Count;
    }

    private static Task<List<Overdue>> FindOverdue(InventoryDb db, DateTimeOffset now, CancellationToken cancellationToken) => db.Database.SqlQuery<Overdue>(
        $"""
        select overdue.return_id as "ReturnId",
               (select began.correlation_id from ese.event_log began where began.stream_id = overdue.return_id collate "default" and began.stream_version = 1) as "CorrelationId"
        from (select request.return_id, request.due_at from shipment_requests request
              where request.receipt_state = 'Expected' and request.coordination = 'Event' and request.due_at <= {now}
              order by request.due_at limit {BatchSize}) overdue
        order by overdue.due_at
        """).ToListAsync(cancellationToken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Expiring overdue items failed; retrying in {Seconds} s")]
    private partial void LogInterrupted(double seconds, Exception exception);
}
