using System.Collections.Concurrent;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EseErp.Benchmarks;

/// <summary>
/// MassTransit on its in-memory transport: no inbox, no outbox, queues that die with the process. What the row and the fact
/// cost when nothing is promised; an upper bound, no peer.
/// </summary>
/// <param name="batches">Whether the consumer takes batches.</param>
internal sealed class InMemoryPeer(bool batches) : IPeer
{
    private const int Concurrent = 16, BatchSize = 500;
    private static readonly TimeSpan BatchWait = TimeSpan.FromMilliseconds(20);

    private readonly InMemoryState _state = new();
    private IHost? _host;

    public string Settings => (batches
        ? $"batch consumer of up to {BatchSize} messages or {BatchWait.TotalMilliseconds:0} ms, 4 at once"
        : $"single consumer, {Concurrent} at once") + ", pooled DbContext, Max Auto Prepare 200; nothing outlives the process";

    public IReadOnlyList<HeardFact> Heard => [.. _state.Heard];

    public async Task Start(PeerPlan plan, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(_state);
        builder.Services.AddDbContextPool<PeerDb>(options => options.UseNpgsql(plan.Team));
        builder.Services.AddMassTransit(bus =>
        {
            if (batches) bus.AddConsumer<WhenPeersRequestedInMemory>();
            else bus.AddConsumer<WhenPeerRequestedInMemory>();
            bus.AddConsumer<InMemoryReceiver>();
            bus.UsingInMemory((context, configurator) =>
            {
                configurator.ReceiveEndpoint("requests", endpoint =>
                {
                    endpoint.PrefetchCount = batches ? 4 * BatchSize : Concurrent;
                    if (batches)
                        endpoint.ConfigureConsumer<WhenPeersRequestedInMemory>(context, consumer => consumer.Options<BatchOptions>(options =>
                            options.SetMessageLimit(BatchSize).SetTimeLimit(BatchWait).SetConcurrencyLimit(4)));
                    else
                        endpoint.ConfigureConsumer<WhenPeerRequestedInMemory>(context);
                });
                configurator.ReceiveEndpoint("facts", endpoint => endpoint.ConfigureConsumer<InMemoryReceiver>(context));
            });
        });
        _host = builder.Build();
        await _host.StartAsync(cancellationToken);
    }

    public Task Publish(RefundRequest request) => _host!.Services.GetRequiredService<IBus>().Publish(request);

    public Task Fill(IReadOnlyList<RefundRequest> requests) => _host!.Services.GetRequiredService<IBus>().PublishBatch(requests);

    public Task Pause()
    {
        _state.Gate.Close();
        return Task.CompletedTask;
    }

    public Task Resume()
    {
        _state.Gate.Open();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is null) return;
        await _host.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token);
        _host.Dispose();
    }
}

/// <summary>What the consumers of the process share.</summary>
public sealed class InMemoryState
{
    internal PumpGate Gate { get; } = new();

    public ConcurrentQueue<HeardFact> Heard { get; } = [];
}

/// <summary>Saves a row and a fact, then publishes the fact.</summary>
public sealed class WhenPeerRequestedInMemory(PeerDb db, InMemoryState state) : IConsumer<RefundRequest>
{
    public async Task Consume(ConsumeContext<RefundRequest> context)
    {
        await state.Gate.Opened;
        var fact = db.Note(context.Message);
        await db.SaveChangesAsync(context.CancellationToken);
        await context.Publish(fact);
    }
}

/// <summary>Saves rows and facts together, then publishes the facts.</summary>
public sealed class WhenPeersRequestedInMemory(PeerDb db, InMemoryState state) : IConsumer<Batch<RefundRequest>>
{
    public async Task Consume(ConsumeContext<Batch<RefundRequest>> context)
    {
        await state.Gate.Opened;
        var facts = context.Message.Select(asked => db.Note(asked.Message)).ToList();
        await db.SaveChangesAsync(context.CancellationToken);
        await context.PublishBatch(facts);
    }
}

/// <summary>Hears the facts.</summary>
public sealed class InMemoryReceiver(InMemoryState state) : IConsumer<OrderRefundAuthorized>
{
    public Task Consume(ConsumeContext<OrderRefundAuthorized> context)
    {
        state.Heard.Enqueue(new HeardFact(context.Message.ReturnId, (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond));
        return Task.CompletedTask;
    }
}
