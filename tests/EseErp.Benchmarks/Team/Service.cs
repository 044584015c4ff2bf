using EseErp.Contracts;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.Registry;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EseErp.Benchmarks;

/// <summary>The benchmark's team in this process, put together as the real ones are.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Service(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    /// <param name="group">The team's name, and with that its consumer group.</param>
    /// <param name="publishes">The topic its event log goes to; null for none.</param>
    /// <param name="consumes">The topic it reads; null for none.</param>
    /// <param name="watch">Put between the service and its broker, to start and to stop the clock.</param>
    public static async Task<Service> Start(
        Setting setting, string group, string? publishes = null, string? consumes = null, Func<IBroker, IBroker>? watch = null, int? batchSize = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["ConnectionStrings:Database"] = setting.Servers.Database;
        builder.Configuration["Ese:ConsoleLevel"] = "Error";
        setting.Engine.Configure(builder.Configuration);
        if (batchSize is { } size) builder.Configuration["Ese:Messaging:Consume:BatchSize"] = $"{size}";

        builder.AddServiceDefaults(group);
        builder.AddEventStore<IntakeDb>(EventContracts.All);
        builder.Services.AddSingleton(new SchemaLibrary(typeof(Service).Assembly));
        builder.AddRegistry(on => on.Type<Price>("prices", price => price.Sku));
        builder.AddMessaging(group, publishes, on =>
        {
            if (consumes is not null) on.Topic(consumes).Runs<WhenRefundRequested>();
        });
        if (watch is not null)
        {
            var broker = builder.Services.Last(service => service.ServiceType == typeof(IBroker));
            builder.Services.Remove(broker);
            builder.Services.AddSingleton(provider => watch((IBroker)broker.ImplementationFactory!(provider)));
        }

        var app = builder.Build();
        app.MapServiceDefaults();
        await app.StartAsync();
        return new Service(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token);
        await _app.DisposeAsync();
    }
}
