using EseErp.Contracts.Manufacturing;
using EseErp.EventStore;
using EseErp.Manufacturing.BillsOfMaterials;
using EseErp.Manufacturing.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>
/// Stands in for the people at the workbench in a demo: items that are in are diagnosed by themselves after a while, and
/// taken apart after another. Only in event mode; a traditional return is driven by User Support.
/// </summary>
public sealed partial class AutoWorkbench(
    IServiceScopeFactory scopes, IOptions<AutoAdvanceOptions> options, TimeProvider clock, ILogger<AutoWorkbench> log) : BackgroundService
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
                var worked = await WorkOnDue(stoppingToken);
                pause = Interval;
                if (worked == BatchSize) continue;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
                LogInterrupted(pause.TotalSeconds, exception);
            }

            await Task.Delay(pause, clock, stoppingToken);
        }
    }

    private async Task<int> WorkOnDue(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UnitOfWork>().Run(token => WorkOnDue(scope.ServiceProvider, token), cancellationToken);
    }

    private async Task<int> WorkOnDue(IServiceProvider services, CancellationToken cancellationToken)
    {
        var db = services.GetRequiredService<ManufacturingDb>();
        var documents = services.GetRequiredService<Documents>();
        var desk = services.GetRequiredService<DisassemblyDesk>();
        var causality = services.GetRequiredService<Causality>();
        var due = await LockDue(db, cancellationToken);
        if (due.Count == 0) return 0;

        await documents.Load<DisassemblyOrder>(due.Select(item => item.ReturnId), cancellationToken);
        var orders = new List<DisassemblyOrder>();
        foreach (var (returnId, _) in due) orders.Add((await desk.Find(returnId, cancellationToken))!);
        var skus = orders.Select(order => order.ItemSku).Distinct().ToList();
        var bills = await db.BillsOfMaterials.AsNoTracking().Where(bill => skus.Contains(bill.Sku)).ToDictionaryAsync(bill => bill.Sku, cancellationToken);
        foreach (var (order, (returnId, correlationId)) in orders.Zip(due))
        {
            causality.CorrelationId = correlationId;
            using var logScope = log.BeginScope(new Dictionary<string, object> { ["returnId"] = returnId, ["correlationId"] = correlationId });
            Work(desk, order, bills.GetValueOrDefault(order.ItemSku) ?? BillOfMaterials.Unknown(order.ItemSku));
        }

        return due.Count;
    }

    private static void Work(DisassemblyDesk desk, DisassemblyOrder order, BillOfMaterials bill)
    {
        if (order.State == DisassemblyState.Received) desk.Diagnose(order, DemoMechanic.Diagnose(order.ReceivedSerialNumber ?? order.SerialNumber, bill));
        else desk.TakeApart(order, DemoMechanic.TakeApart(order.ReceivedSerialNumber ?? order.SerialNumber, bill), bill);
    }

    // Replicas share the work: each takes orders that no other transaction holds.
    private Task<List<Due>> LockDue(ManufacturingDb db, CancellationToken cancellationToken)
    {
        var since = clock.GetUtcNow() - options.Value.AutoAdvanceDelay;
        // The log's index has another collation than this table: without a word on it the log would be read from its beginning.
        return db.Database.SqlQuery<Due>(
            $"""
            select due.return_id as "ReturnId",
                   (select began.correlation_id from ese.event_log began where began.stream_id = due.return_id collate "default" and began.stream_version = 1) as "CorrelationId"
            from disassembly_orders due
            where due.coordination = 'Event'
              and (due.state = 'Received' or due.state = 'Diagnosed' and due.disposition in ('Scrap', 'Refurbish'))
              and due.state_since <= {since}
            order by due.state_since limit {BatchSize}
            for update of due skip locked
            """).ToListAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The automatic workbench failed; retrying in {Seconds} s")]
    private partial void LogInterrupted(double seconds, Exception exception);
}
