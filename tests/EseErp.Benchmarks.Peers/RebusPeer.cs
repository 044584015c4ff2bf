using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Rebus.Activation;
using Rebus.Bus;
using Rebus.Config;
using Rebus.Config.Outbox;
using Rebus.Handlers;
using Rebus.Logging;
using Rebus.Pipeline;
using Rebus.PostgreSql.Outbox;
using Rebus.Routing.TypeBased;
using Rebus.Transport;

namespace EseErp.Benchmarks;

/// <summary>Rebus on its PostgreSQL transport, with its outbox in PostgreSQL and EF Core on the outbox's connection.</summary>
internal sealed class RebusPeer : IPeer
{
    private const string Messages = "messages", Requests = "requests", FactsQueue = "facts", Outbox = "outbox";
    private const int Workers = 2, Parallel = 20, FillBatch = 500;

    private readonly BuiltinHandlerActivator _activator = new();
    private IBus? _bus;

    public string Settings =>
        $"Rebus {typeof(IBus).Assembly.GetName().Version?.ToString(3)} with Rebus.PostgreSql {typeof(PostgreSqlOutboxStorage).Assembly.GetName().Version?.ToString(3)}: {Workers} workers, {Parallel} messages at once, outbox, "
        + "EF Core on the outbox's connection and transaction, facts sent to the receiver's queue, pool of 30; its outbox is emptied once a second";

    public Task Start(PeerPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Consumes) _activator.Handle<RefundRequest>((bus, context, asked) => new RebusHandler(bus, context).Handle(asked));
        var configurer = Configure.With(_activator)
            .Logging(logging => logging.None())
            .Routing(routing => routing.TypeBased().Map<RefundRequest>(Requests).Map<OrderRefundAuthorized>(FactsQueue));
        _bus = plan.Consumes
            ? configurer
                .Transport(transport => transport.UsePostgreSql(plan.Team, Messages, Requests))
                .Outbox(outbox => outbox.StoreInPostgreSql(plan.Team, Outbox))
                .Options(options =>
                {
                    options.SetNumberOfWorkers(Workers);
                    options.SetMaxParallelism(Parallel);
                })
                .Start()
            : configurer.Transport(transport => transport.UsePostgreSqlAsOneWayClient(plan.Team, Messages)).Start();
        return Task.CompletedTask;
    }

    public Task Publish(RefundRequest request) => _bus!.Send(request);

    public async Task Fill(IReadOnlyList<RefundRequest> requests)
    {
        foreach (var chunk in requests.Chunk(FillBatch))
        {
            using var scope = new RebusTransactionScope();
            foreach (var request in chunk) await _bus!.Send(request);
            await scope.CompleteAsync();
        }
    }

    public Task Pause()
    {
        _bus!.Advanced.Workers.SetNumberOfWorkers(0);
        return Task.CompletedTask;
    }

    public Task Resume()
    {
        _bus!.Advanced.Workers.SetNumberOfWorkers(Workers);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _activator.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Saves row and fact in the outbox's transaction, and sends the fact, which the outbox stores in the same.</summary>
internal sealed class RebusHandler(IBus bus, IMessageContext context) : IHandleMessages<RefundRequest>
{
    // Where the outbox keeps the connection of the message at hand; its own name for it is internal.
    private const string Key = "current-outbox-connection";

    public async Task Handle(RefundRequest message)
    {
        var outbox = (OutboxConnection)context.TransactionContext.Items[Key];
        await using var db = new PeerDb(new DbContextOptionsBuilder<PeerDb>().UseNpgsql(outbox.Connection).Options);
        await db.Database.UseTransactionAsync(outbox.Transaction);
        var fact = db.Note(message);
        await db.SaveChangesAsync();
        await bus.Send(fact);
    }
}
