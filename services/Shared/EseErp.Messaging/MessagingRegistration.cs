using EseErp.EventStore;
using EseErp.Messaging.Kafka;
using EseErp.Messaging.Postgres;
using EseErp.ServiceDefaults;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EseErp.Messaging;

public static class MessagingRegistration
{
    /// <summary>
    /// Publishes the service's event log to a topic and runs its consumers. The broker is chosen by <c>Ese:Broker</c>
    /// (<c>postgres</c>, the default, or <c>kafka</c>).
    /// </summary>
    /// <param name="team">
    /// The service's name, such as <c>sales</c>: its CloudEvents source, and its consumer group unless
    /// <c>Ese:Messaging:Group</c> names another, for a second projection with a database of its own.
    /// </param>
    /// <param name="topic">Where its own events go; null when it publishes none.</param>
    public static WebApplicationBuilder AddMessaging(
        this WebApplicationBuilder builder, string team, string? topic, Action<Subscriptions> configure)
    {
        var services = builder.Services;
        var subscriptions = new Subscriptions();
        configure(subscriptions);
        services.AddSingleton(subscriptions);
        services.Configure<MessagingOptions>(builder.Configuration.GetSection("Ese:Messaging"));
        services.PostConfigure<MessagingOptions>(options =>
            (options.Group, options.Topic, options.Source) = (options.Group.Length > 0 ? options.Group : team, topic, $"/{team}"));
        services.Configure<OutageOptions>(outages => outages.Signs.Add(KafkaBroker.IsOutage));
        services.AddOptions<MessagingOptions>().Validate(
            options => options.KeepsInboxLongEnough,
            $"Ese:Messaging:InboxRetention must exceed Ese:Messaging:BrokerRetention by at least {MessagingOptions.LeastOverhang.TotalDays:0} days: "
            + "an event that the broker still holds may be delivered again, and the inbox must still know it then.").Validate(
            options => options.KeepsLeftovers, "Ese:Messaging:LetterRetention and Ese:Messaging:EarlyFactRetention must be more than nothing.").Validate(
            options => options.LimitsAttempts, "Ese:Messaging:SlowAfter must be more than nothing, and Ese:Messaging:AttemptLimit not less.").ValidateOnStart();
        services.AddSingleton<MessagingMetrics>();
        services.AddSingleton<IBroker>(provider => Broker(builder.Configuration, provider));
        services.AddSingleton<BrokerTopics>();
        services.AddHostedService(provider => provider.GetRequiredService<BrokerTopics>());
        services.AddHealthChecks().AddCheck<BrokerTopics>("broker", HealthStatus.Unhealthy, ["ready"]);
        services.AddSingleton(new SchemaLibrary(typeof(MessagingRegistration).Assembly));
        if (topic is not null) services.AddHostedService<Relay>();
        services.AddSingleton<RehearsedMessaging>();
        if (subscriptions.Rehearsed.Count > 0) services.AddHotPath("consumed events", (provider, token) => provider.GetRequiredService<RehearsedMessaging>().Consume(token));
        if (topic is not null) services.AddHotPath("publishing", (provider, token) => provider.GetRequiredService<RehearsedMessaging>().Publish(token));
        services.AddMassTransit(bus =>
        {
            foreach (var consumer in subscriptions.Topics.Values.SelectMany(consumers => consumers).Distinct()) bus.AddConsumer(consumer);
            bus.UsingInMemory((_, configurator) => configurator.AddDeserializer(new CloudEventDeserializer(), isDefault: true));
        });
        // It would log each attempt that fails with its stack trace; the pump logs it as well, and the trace once. No bus of its own runs.
        builder.Logging.AddFilter("MassTransit", LogLevel.None);
        // Consumers are hosted by the pump; MassTransit's own bus has no endpoint and need not start.
        foreach (var hosted in services.Where(service => service.ServiceType == typeof(IHostedService)
                     && service.ImplementationType?.Namespace?.StartsWith("MassTransit", StringComparison.Ordinal) == true).ToList())
            services.Remove(hosted);
        services.PostConfigure<HealthCheckServiceOptions>(options =>
        {
            foreach (var check in options.Registrations.Where(check => check.Name.StartsWith("masstransit", StringComparison.Ordinal)).ToList())
                options.Registrations.Remove(check);
        });
        foreach (var loader in subscriptions.BatchLoaders) services.AddScoped(loader);
        services.AddSingleton<ConsumerDispatch>();
        services.AddSingleton<Inbox>();
        services.AddSingleton<GroupOffsets>();
        services.AddSingleton(provider => new GroupPositions(
            provider.GetRequiredService<IBroker>(), provider.GetRequiredService<GroupOffsets>(), provider.GetRequiredService<Retries>(),
            provider.GetRequiredService<GroupTrouble>(), subscriptions, provider.GetRequiredService<IOptions<MessagingOptions>>()));
        services.AddSingleton<EventApplication>();
        services.AddSingleton<DeadLetters>();
        services.AddSingleton<DeadLetterNews>();
        services.AddSingleton<DeadLetterRedrive>();
        services.AddSingleton<Retries>();
        services.AddSingleton<RetryLoop>();
        services.AddSingleton<BatchApplication>();
        services.AddSingleton<GroupTrouble>();
        services.AddSingleton<DatabaseOutages>();
        services.AddSingleton<RedriveRuns>();
        services.AddSingleton<RedriveDriver>();
        services.AddSingleton<PumpControl>();
        services.AddSingleton<Leftovers>();
        services.AddSingleton<Retention>();
        services.AddHostedService(provider => provider.GetRequiredService<Retention>());
        if (subscriptions.Topics.Count > 0)
        {
            services.AddHostedService<Pump>();
            services.AddHealthChecks().AddCheck<GroupTrouble>("consumers", HealthStatus.Unhealthy, [HealthTags.Ready]);
            services.AddHostedService<DeadLetterPublisher>();
            services.AddHostedService(provider => provider.GetRequiredService<RedriveDriver>());
            if (builder.Configuration.GetValue<bool>("Ese:Faults")) services.AddHostedService<PausedConsumers>();
        }

        return builder;
    }

    private static IBroker Broker(ConfigurationManager configuration, IServiceProvider provider)
    {
        var logs = provider.GetRequiredService<ILoggerFactory>();
        return (configuration["Ese:Broker"] ?? "postgres") switch
        {
            "postgres" => new PostgresBroker(ServiceDatabase.Open(configuration.GetConnectionString("Broker")
                ?? throw new InvalidOperationException("ConnectionStrings:Broker is not set.")), logs),
            "kafka" => new KafkaBroker(KafkaSettings.Read(configuration, provider.GetRequiredService<IOptions<MessagingOptions>>().Value.BrokerRetention), logs),
            var other => throw new InvalidOperationException($"Ese:Broker must be postgres or kafka, not {other}."),
        };
    }
}
