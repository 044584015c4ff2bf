using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using JasperFx.Resources;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wolverine;
using Wolverine.EntityFrameworkCore;
using Wolverine.Postgresql;
using Wolverine.Runtime;
using Wolverine.Transports;

namespace EseErp.Benchmarks;

/// <summary>
/// Wolverine with EF Core's transactional middleware, durable inbox and outbox, and its PostgreSQL transport.
/// </summary>
/// <param name="batched">The handler takes arrays, as its documentation offers for performance.</param>
internal sealed class WolverinePeer(bool batched) : IPeer
{
    private const string Requests = "requests", FactsQueue = "facts";

    // How much a queue gives in a second is bounded by one over the other: the values of the documentation's example (50, one second)
    // would allow 50 messages a second, the defaults (20, five seconds) four.
    private const int Received = 500;
    private static readonly TimeSpan Polling = TimeSpan.FromMilliseconds(20);

    private const int BatchSize = 500, Filers = 16;
    private static readonly TimeSpan BatchTrigger = TimeSpan.FromMilliseconds(20);

    private IHost? _host;
    private IListeningAgent? _listener;

    public string Settings =>
        $"WolverineFx {typeof(WolverineOptions).Assembly.GetName().Version?.ToString(3)}: durable inbox and outbox, EF Core transactions (eager) with the envelopes mapped into the DbContext, "
        + $"solo mode, inbox partitioning, up to {Received} messages each {Polling.TotalMilliseconds:0} ms, 20 handlers at once"
        + (batched ? $", BatchMessagesOf up to {BatchSize} or {BatchTrigger.TotalMilliseconds:0} ms" : "");

    public async Task Start(PeerPlan plan, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseWolverine(options =>
        {
            options.ApplicationAssembly = typeof(WolverinePeer).Assembly;
            options.ServiceName = plan.Consumes ? "team" : "publisher";
            options.Durability.Mode = DurabilityMode.Solo;
            options.Durability.EnableInboxPartitioning = true;
            options.UsePostgresqlPersistenceAndTransport(plan.Team, plan.Consumes ? "team" : "publisher", transportSchema: "wolverine_queues").AutoProvision();
            options.Services.AddDbContextWithWolverineIntegration<PeerDb>(db => db.UseNpgsql(plan.Team), plan.Consumes ? "team" : "publisher");
            // Eager, the default. Lightweight transactions are cheaper, and a request is marked handled after them and not within: kill -9 doubled some.
            options.UseEntityFrameworkCoreTransactions();
            options.Policies.AutoApplyTransactions();
            options.Policies.UseDurableLocalQueues();
            options.Policies.UseDurableOutboxOnAllSendingEndpoints();
            options.PublishMessage<RefundRequest>().ToPostgresqlQueue(Requests);
            options.PublishMessage<OrderRefundAuthorized>().ToPostgresqlQueue(FactsQueue);
            options.Discovery.DisableConventionalDiscovery();
            if (!plan.Consumes) return;
            options.ListenToPostgresqlQueue(Requests).MaximumMessagesToReceive(Received).PollingInterval(Polling).MaximumParallelMessages(20).UseDurableInbox();
            if (batched)
            {
                options.Discovery.IncludeType<PeerBatchHandler>();
                options.BatchMessagesOf<RefundRequest>(batching =>
                {
                    batching.BatchSize = BatchSize;
                    batching.TriggerTime = BatchTrigger;
                });
            }
            else
            {
                options.Discovery.IncludeType<PeerHandler>();
            }
        });
        builder.Services.AddResourceSetupOnStartup();
        _host = builder.Build();
        await _host.StartAsync(cancellationToken);
        if (plan.Consumes) _listener = _host.Services.GetRequiredService<IWolverineRuntime>().Endpoints.FindListeningAgent(new Uri($"postgresql://{Requests}"));
    }

    public async Task Publish(RefundRequest request)
    {
        await using var scope = _host!.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IMessageBus>().PublishAsync(request);
    }

    public Task Fill(IReadOnlyList<RefundRequest> requests) => Parallel.ForEachAsync(
        requests, new ParallelOptions { MaxDegreeOfParallelism = Filers }, async (request, _) => await Publish(request));

    public async Task Pause() => await _listener!.StopAndDrainAsync();

    public async Task Resume() => await _listener!.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_host is null) return;
        await _host.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token);
        _host.Dispose();
    }
}

/// <summary>Adds row and fact; the middleware saves them with the envelope of the answer and marks the request handled.</summary>
public sealed class PeerHandler
{
    public static OrderRefundAuthorized Handle(RefundRequest asked, PeerDb db) => db.Note(asked);
}

/// <summary>The same for many at once.</summary>
public sealed class PeerBatchHandler
{
    public static IEnumerable<object> Handle(RefundRequest[] asked, PeerDb db)
    {
        List<object> facts = [.. asked.Select(db.Note)];
        return facts;
    }
}
