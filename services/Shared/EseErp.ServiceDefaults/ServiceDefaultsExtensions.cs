using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Validation;

namespace EseErp.ServiceDefaults;

/// <summary>What every service has in common. See README.md in this folder.</summary>
public static class ServiceDefaultsExtensions
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// RequestIntake sets the limit; what a client sends beyond it is read and thrown away up to here, because a client
    /// whose connection breaks while it still sends never sees the 413.
    /// </summary>
    private const long MostDrained = 64 * 1024 * 1024;

    private static readonly string[] AddressKeys = ["urls", "http_ports", "https_ports", "Kestrel:Endpoints"];

    /// <summary>Adds strict JSON, problem details, validation, OpenAPI, logs, health, metrics and orderly shutdown.</summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="team">The team in kebab case, such as <c>user-support</c>.</param>
    /// <param name="description">What the service does, for its OpenAPI document.</param>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, string team, string? description = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        MissingSettingException.EndsTheProcessPlainly();
        var services = builder.Services;
        services.AddOptions<ServiceSettings>().BindConfiguration("Ese").Configure(settings => settings.Team = team)
            .ValidateDataAnnotations()
            .Validate<IHostEnvironment>(
                static (settings, environment) => !(settings.Faults && environment.IsProduction()),
                "Ese:Faults must not be set in the environment Production: any caller could break the service.")
            .Validate(static settings => settings.HostNames.Count > 0, "Ese:Hosts must name at least one host that the service answers to.")
            .Validate(static settings => settings.Proxies is not null, "Ese:TrustedProxies must list addresses or networks, such as 127.0.0.1;10.0.0.0/8.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<Faults>();

        AddLogging(builder);
        AddInput(services);
        services.AddOpenApiDocument(description);
        services.AddSingleton<MetricCollector>();
        services.AddSingleton<TraceListener>();
        services.AddSingleton<ReadinessLog>();
        services.AddHealthChecks().AddCheck<AcceptingWork>("service", tags: [HealthTags.Ready]).AddCheck<WarmUp>(WarmUp.Check, tags: [HealthTags.Ready]);
        AddWarmUp(services);
        services.AddTransient<CorrelationForwarding>();
        services.ConfigureHttpClientDefaults(static client => client.AddHttpMessageHandler<CorrelationForwarding>());
        services.Configure<HostOptions>(static options => options.ShutdownTimeout = ShutdownTimeout);
        if (builder.Configuration.GetValue<bool>("Ese:StopWhenStdinCloses")) services.AddHostedService<StdinWatch>();
        LimitKestrel(builder);
        return builder;
    }

    /// <summary>Puts the defaults into the pipeline and maps their endpoints. Call it before mapping the service's own.</summary>
    public static WebApplication MapServiceDefaults(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.Services.GetRequiredService<TraceListener>();
        app.Services.GetRequiredService<MetricCollector>();
        var settings = app.Services.GetRequiredService<IOptions<ServiceSettings>>().Value;

        app.UseRoutingBehindProxies(settings);
        app.UseMiddleware<CorrelationIntake>();
        app.UseMiddleware<ServiceErrors>();
        app.UseMiddleware<BorderControl>();
        // Before the faults: its pages are no endpoints.
        app.UseOpenApiDocument(settings);
        if (settings.Faults) app.UseMiddleware<FaultyRequests>();
        app.UseMiddleware<RequestIntake>();

        app.MapHealth();
        app.MapLogs();
        if (settings.Faults) app.MapFaults();
        app.MapGet("/metrics", static (MetricCollector metrics) => TypedResults.Text(metrics.Scrape(), MetricCollector.ContentType))
            .ExcludeFromDescription().SparedByFaults();
        return app;
    }

    private static void AddWarmUp(IServiceCollection services)
    {
        services.AddSingleton<RequestPipeline>();
        services.AddSingleton<IStartupFilter>(static provider => provider.GetRequiredService<RequestPipeline>());
        services.AddSingleton<RehearsedRequests>();
        services.AddSingleton<WarmUp>();
        services.AddHostedService(static provider => provider.GetRequiredService<WarmUp>());
    }

    private static void AddLogging(WebApplicationBuilder builder)
    {
        // The lowest priority, so that any other source can say otherwise.
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Logging:LogLevel:Default"] = nameof(LogLevel.Information),
                ["Logging:LogLevel:Microsoft"] = nameof(LogLevel.Warning),
                ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = nameof(LogLevel.Information),
                ["Logging:LogLevel:System"] = nameof(LogLevel.Warning),
                // ReadinessLog tells when a check changes.
                ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = nameof(LogLevel.None),
            },
        });
        builder.Logging.ClearProviders();
        // The trace id is read when a line is written; the framework's scope for it would cost more.
        builder.Logging.Configure(static options => options.ActivityTrackingOptions = ActivityTrackingOptions.None);
        builder.Services.AddSingleton<LogRing>(static _ => new LogRing());
        builder.Services.AddSingleton<TeamLog>();
        builder.Services.AddSingleton<ILoggerProvider>(static services => services.GetRequiredService<TeamLog>());
    }

    private static void AddInput(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(static options => StrictJson.Apply(options.SerializerOptions));
        services.Configure<RouteHandlerOptions>(static options => options.ThrowOnBadRequest = true);
        services.AddSingleton<ProblemWriter>();
        services.AddSingleton<IProblemDetailsWriter>(static provider => provider.GetRequiredService<ProblemWriter>());
        services.AddProblemDetails();
#pragma warning disable ASP0029 // See RequestValidation.
        services.AddValidation();
        services.AddOptions<ValidationOptions>().Configure<IServiceProviderIsService>(
            static (options, registered) =>
            {
                // The framework's own resolvers would put a filter on every endpoint that takes a service.
                options.Resolvers.Clear();
                options.Resolvers.Add(new RequestValidation(registered));
            });
#pragma warning restore ASP0029
    }

    private static void LimitKestrel(WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostDrained;
            // Room beyond RequestIntake's limit: Kestrel's own refusals name no field.
            kestrel.Limits.MaxRequestLineSize = 32 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
            kestrel.Limits.MaxRequestHeaderCount = 100;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
            kestrel.ConfigureEndpointDefaults(static listen => listen.GiveRefusalsBodies());
        });

        // Other machines are let in by configuration only.
        var configured = AddressKeys
            .Any(key => builder.Configuration.GetSection(key).Exists());
        if (!configured) builder.WebHost.UseUrls("http://127.0.0.1:5000");
    }
}
