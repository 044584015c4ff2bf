using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.ServiceDefaults;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EseErp.Benchmarks;

/// <summary>The team's table beside the event log of the library.</summary>
public sealed class OursDb(DbContextOptions<OursDb> options) : DbContext(options)
{
    public DbSet<PeerIntake> Intakes => Set<PeerIntake>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => PeerIntake.Map(modelBuilder);
}

/// <summary>Writes the row and records the fact; the pump owns the transaction, the relay publishes.</summary>
public sealed class WhenPeerRequested(OursDb db, Facts facts) : IConsumer<RefundRequest>
{
    public Task Consume(ConsumeContext<RefundRequest> context)
    {
        db.Intakes.Add(PeerIntake.Of(context.Message));
        facts.Record(context.Message.ReturnId, PeerRequests.Answer(context.Message), Coordination.Event);
        return Task.CompletedTask;
    }
}

/// <summary>This project's own way, put together as its services are, with the settings they have.</summary>
internal sealed class OursPeer : IPeer
{
    private readonly PumpGate _gate = new();
    private WebApplication? _app;
    private string _settings = "";

    public string Settings => _settings;

    public async Task Start(PeerPlan plan, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["ConnectionStrings:Database"] = plan.Consumes ? plan.Team : plan.Publisher;
        builder.Configuration["ConnectionStrings:Broker"] = plan.Consumes ? plan.Broker : plan.PublisherBroker;
        builder.Configuration["Ese:Broker"] = "postgres";
        builder.Configuration["Ese:ConsoleLevel"] = "Error";
        var team = plan.Consumes ? "sales" : "user-support";
        builder.AddServiceDefaults(team);
        builder.AddEventStore<OursDb>(EventContracts.All);
        builder.Services.AddSingleton(new SchemaLibrary(typeof(OursPeer).Assembly));
        builder.AddMessaging(team, plan.Consumes ? Topics.Sales : Topics.UserSupport, on =>
        {
            if (plan.Consumes) on.Topic(Topics.UserSupport).Runs<WhenPeerRequested>();
        });
        var broker = builder.Services.Last(service => service.ServiceType == typeof(IBroker));
        builder.Services.Remove(broker);
        builder.Services.AddSingleton<IBroker>(provider => new WatchedBroker((IBroker)broker.ImplementationFactory!(provider)) { Gate = _gate });
        _app = builder.Build();
        _app.MapServiceDefaults();
        await _app.StartAsync(cancellationToken);
        var options = _app.Services.GetRequiredService<IOptions<MessagingOptions>>().Value;
        _settings = $"defaults: {options.Consume.Workers} workers, batches of {options.Consume.BatchSize}, relay batches of {options.RelayBatchSize}, "
            + $"gathering {options.Consume.Gather.TotalMilliseconds:0} ms, {options.Partitions} partitions; requests are filed in the publisher's event log and published by its relay";
    }

    /// <summary>As User Support files a return: recorded in its own log, which its relay publishes.</summary>
    public async Task Publish(RefundRequest request)
    {
        await using var scope = _app!.Services.CreateAsyncScope();
        var facts = scope.ServiceProvider.GetRequiredService<Facts>();
        await scope.ServiceProvider.GetRequiredService<UnitOfWork>().Run(_ =>
        {
            facts.Record(request.ReturnId, request, Coordination.Event);
            return Task.CompletedTask;
        }, CancellationToken.None);
    }

    public async Task Fill(IReadOnlyList<RefundRequest> requests)
    {
        var wanted = await Published() + requests.Count;
        foreach (var chunk in requests.Chunk(1000))
        {
            await using var scope = _app!.Services.CreateAsyncScope();
            var facts = scope.ServiceProvider.GetRequiredService<Facts>();
            await scope.ServiceProvider.GetRequiredService<UnitOfWork>().Run(_ =>
            {
                foreach (var request in chunk) facts.Record(request.ReturnId, request, Coordination.Event);
                return Task.CompletedTask;
            }, CancellationToken.None);
        }

        while (await Published() < wanted) await Task.Delay(20);
    }

    public Task Pause()
    {
        _gate.Close();
        return Task.CompletedTask;
    }

    public Task Resume()
    {
        _gate.Open();
        return Task.CompletedTask;
    }

    // What the publisher's relay has brought to the topic.
    private async Task<long> Published() =>
        (await _app!.Services.GetRequiredService<IBroker>().EndsNow([Topics.UserSupport], CancellationToken.None)).Sum(partition => partition.Next);

    public async ValueTask DisposeAsync()
    {
        if (_app is null) return;
        await _app.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token);
        await _app.DisposeAsync();
    }
}
