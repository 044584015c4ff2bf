using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Rebus.Activation;
using Rebus.Backoff;
using Rebus.Bus;
using Rebus.Config;
using Rebus.Config.Outbox;
using Rebus.Handlers;
using Rebus.Logging;
using Rebus.PostgreSql.Outbox;
using Rebus.Routing.TypeBased;
using Rebus.Transport;

namespace EseErp.Benchmarks;

/// <summary>Rebus on its PostgreSQL transport, with its outbox in PostgreSQL and EF Core.</summary>
internal sealed class RebusPeer : IPeer
{
    private const string Messages = "messages", Requests = "requests", FactsQueue = "facts", Outbox = "outbox";
    private const int Workers = 2, Parallel = 20, FillBatch = 500;

    private static readonly TimeSpan Polling = TimeSpan.FromMilliseconds(20);

    private readonly BuiltinHandlerActivator _activator = new();
    private NpgsqlDataSource? _database;
    private IBus? _bus;

    public string Settings =>
        $"Rebus {typeof(IBus).Assembly.GetName().Version?.ToString(3)} with Rebus.PostgreSql {typeof(PostgreSqlOutboxStorage).Assembly.GetName().Version?.ToString(3)}: {Workers} workers, {Parallel} messages at once, backing off {Polling.TotalMilliseconds:0} ms, outbox, "
        + "EF Core on the connection and transaction that the outbox is given, facts sent to the receiver's queue, pool of 30; its outbox is emptied once a second";

    public Task Start(PeerPlan plan, CancellationToken cancellationToken)
    {
        _database = NpgsqlDataSource.Create(plan.Team);
        if (plan.Consumes) _activator.Register((bus, _) => new RebusHandler(bus, _database!));
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
                    // By default up to a quarter of a second.
                    options.SetBackoffTimes(Polling);
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

    public async ValueTask DisposeAsync()
    {
        _activator.Dispose();
        if (_database is not null) await _database.DisposeAsync();
    }
}

/// <summary>
/// Saves row and fact in a transaction of its own, and sends the fact within the same, as the outbox is used outside of handlers.
/// Used as it is meant within a handler, these versions commit before they save what is sent: "Transaction is already completed",
/// and each of five attempts leaves a row and no fact.
/// </summary>
internal sealed class RebusHandler(IBus bus, NpgsqlDataSource database) : IHandleMessages<RefundRequest>
{
    public async Task Handle(RefundRequest message)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var db = new PeerDb(new DbContextOptionsBuilder<PeerDb>().UseNpgsql(connection).Options);
        await db.Database.UseTransactionAsync(transaction);
        var fact = db.Note(message);
        await db.SaveChangesAsync();
        using (var scope = new RebusTransactionScope())
        {
            scope.UseOutbox(connection, transaction);
            await bus.Send(fact);
            await scope.CompleteAsync();
        }

        await transaction.CommitAsync();
    }
}
