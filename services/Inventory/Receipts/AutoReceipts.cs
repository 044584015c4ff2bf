using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.EventStore;
using EseErp.Inventory.Data;
using EseErp.Inventory.Shipments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EseErp.Inventory.Receipts;

/// <summary>
/// Stands in for the customers and the dock in a demo: the announced item comes in by itself, some time after the request
/// and once Sales agrees. Only in event mode; a traditional return is driven by User Support.
/// </summary>
public sealed partial class AutoReceipts(
    IServiceScopeFactory scopes, IOptions<AutoAdvanceOptions> options, TimeProvider clock, ILogger<AutoReceipts> log) : BackgroundService
{
    private const int BatchSize = 200;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private sealed record Due(string ReturnId, string CorrelationId);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var pause = Interval; ;)
        {
            try
            {
                var received = await ReceiveDue(stoppingToken);
                pause = Interval;
                if (received == BatchSize) continue;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
                LogInterrupted(pause.TotalSeconds, exception);
            }

            await Task.Delay(pause, clock, stoppingToken);
        }
    }

    private async Task<int> ReceiveDue(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UnitOfWork>().Run(token => ReceiveDue(scope.ServiceProvider, token), cancellationToken);
    }

    private async Task<int> ReceiveDue(IServiceProvider services, CancellationToken cancellationToken)
    {
        var db = services.GetRequiredService<InventoryDb>();
        var desk = services.GetRequiredService<ShipmentDesk>();
        var causality = services.GetRequiredService<Causality>();
        // One replica at a time: rows are locked stock first, so the due requests cannot be claimed by locking them here.
        if (!await db.Database.SqlQuery<bool>($"select pg_try_advisory_xact_lock(hashtext('auto-receipts')) as \"Value\"").SingleAsync(cancellationToken)) return 0;
        var due = await FindDue(db, cancellationToken);
        if (due.Count == 0) return 0;

        await services.GetRequiredService<ShipmentRows>().Load(due.Select(item => item.ReturnId).ToList(), [], cancellationToken);
        var requests = new List<(ShipmentRequest Request, string CorrelationId)>();
        foreach (var (returnId, correlationId) in due)
            if (await desk.Find(returnId, cancellationToken) is { } request) requests.Add((request, correlationId));
        var arrived = await services.GetRequiredService<ArrivedDevices>().Hold(requests.Select(item => item.Request.SerialNumber), cancellationToken);
        var arriving = new HashSet<(string, string)>();
        foreach (var (request, correlationId) in requests)
        {
            var (returnId, device) = (request.ReturnId, SerialNumbers.Normal(request.SerialNumber));
            // A person may have received the item, or a cancellation closed it, since it was found; or the device came in under another return.
            if (request.ReasonNotToReceiveDevice(request.SerialNumber, arrived[device]) is not null || !arriving.Add((device, request.Sku))) continue;
            causality.CorrelationId = correlationId;
            using var logScope = log.BeginScope(new Dictionary<string, object> { ["returnId"] = returnId, ["correlationId"] = correlationId });
            await desk.Receive(request, request.SerialNumber, "as described", cancellationToken);
        }

        return due.Count;
    }

    private Task<List<Due>> FindDue(InventoryDb db, CancellationToken cancellationToken)
    {
        var requestedBefore = clock.GetUtcNow() - options.Value.AutoAdvanceDelay;
        // The log's index has another collation than this table: without a word on it the log would be read from its beginning.
        return db.Database.SqlQuery<Due>(
            $"""
            select due.return_id as "ReturnId",
                   (select began.correlation_id from ese.event_log began where began.stream_id = due.return_id collate "default" and began.stream_version = 1) as "CorrelationId"
            from (select request.return_id, request.requested_at from shipment_requests request
                  where request.receipt_state = 'Expected' and request.coordination = 'Event' and request.refund_authorized_at is not null
                    and not request.is_device_given_up
                    and request.requested_at <= {requestedBefore}
                  order by request.requested_at limit {BatchSize}) due
            order by due.requested_at
            """).ToListAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Automatic receipts failed; retrying in {Seconds} s")]
    private partial void LogInterrupted(double seconds, Exception exception);
}
