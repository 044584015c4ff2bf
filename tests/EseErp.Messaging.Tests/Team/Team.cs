using EseErp.EventStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>A service of the test's own in this process, put together as the real ones are.</summary>
public sealed class Team : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _database;

    private Team(WebApplication app, string database) => (_app, _database) = (app, database);

    public IServiceProvider Services => _app.Services;

    public EventLog Log => Services.GetRequiredService<EventLog>();

    public IBroker Broker => Services.GetRequiredService<IBroker>();

    /// <summary>Completes when it has stopped, by itself or because it was told to.</summary>
    public Task Stopped => _app.WaitForShutdownAsync();

    public Uri Address => new(_app.Urls.First());

    public List<string> Warnings { get; private init; } = [];

    /// <summary>What was logged with them.</summary>
    public List<Exception> Failures { get; private init; } = [];

    /// <summary>Starts a replica.</summary>
    /// <param name="database">Its database; replicas of one service share it.</param>
    /// <param name="settings">Its messaging; null for a service that only has an event store.</param>
    /// <param name="map">Endpoints of its own.</param>
    public static async Task<Team> Start(string database, TeamMessaging? settings = null, Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var (warnings, failures) = (new List<string>(), new List<Exception>());
        builder.Logging.ClearProviders().AddProvider(new WarningList(warnings, failures));
        builder.Configuration["ConnectionStrings:Database"] = database;
        builder.Configuration["Ese:Faults"] = "true";
        if (settings?.Clock is { } clock) builder.Services.AddSingleton(clock);
        builder.AddEventStore<ParcelDb>(
            ParcelDb.Contracts.Where(contract => !(settings?.Unknown ?? []).Contains(contract.Key)).ToDictionary(),
            ParcelDb.Upcasters.Where(upcaster => settings?.Unknown.Contains("ese.parcels.parcel-lost.v3") != true || upcaster.Key != typeof(ParcelLostV2)).ToDictionary());
        builder.Services.AddSingleton(new SchemaLibrary(typeof(Team).Assembly));
        if (settings is not null) AddMessaging(builder, settings);
        var app = builder.Build();
        app.MapEventLog();
        if (settings is not null) app.MapConsumers();
        map?.Invoke(app);
        await app.StartAsync();
        return new Team(app, database) { Warnings = warnings, Failures = failures };
    }

    /// <summary>Does a piece of work as a request would: in a scope and a unit of work of its own.</summary>
    public async Task<T> Work<T>(Func<IServiceProvider, CancellationToken, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UnitOfWork>()
            .Run(token => work(scope.ServiceProvider, token), CancellationToken.None);
    }

    /// <inheritdoc cref="Work{T}"/>
    public Task Work(Func<IServiceProvider, Task> work) => Work(async (provider, _) =>
    {
        await work(provider);
        return true;
    });

    /// <summary>Records parcels as sent: one transaction.</summary>
    public Task Send(params IEnumerable<ParcelSent> parcels) => Work(provider =>
    {
        foreach (var parcel in parcels) provider.GetRequiredService<Facts>().Record(parcel.ReturnId, parcel, Coordination.Event);
        return Task.CompletedTask;
    });

    /// <summary>The parcels noted so far, in the order they were written.</summary>
    public async Task<List<Receipt>> Receipts()
    {
        // On a connection of its own: a test may be about the service's connections.
        var options = new DbContextOptionsBuilder<ParcelDb>()
            .UseNpgsql(new NpgsqlConnectionStringBuilder(_database) { Pooling = false }.ConnectionString).Options;
        await using var db = new ParcelDb(options);
        return await db.Receipts.AsNoTracking().OrderBy(receipt => receipt.Id).ToListAsync();
    }

    /// <summary>Everything in the event log.</summary>
    public Task<IReadOnlyList<RecordedEvent>> Events() => Log.Read(0, 100_000, null, CancellationToken.None);

    /// <summary>Stops as at SIGTERM.</summary>
    public Task Stop(TimeSpan limit) => _app.StopAsync(new CancellationTokenSource(limit).Token);

    public async ValueTask DisposeAsync()
    {
        await Stop(TimeSpan.FromSeconds(10));
        await _app.DisposeAsync();
    }

    private static void AddMessaging(WebApplicationBuilder builder, TeamMessaging settings)
    {
        builder.Configuration["ConnectionStrings:Broker"] = settings.Broker;
        foreach (var (name, value) in settings.Engine) builder.Configuration[name] = value;
        builder.Configuration["Ese:Messaging:Partitions"] = $"{settings.Partitions}";
        builder.Configuration["Ese:Messaging:Consume:Workers"] = $"{settings.Workers}";
        foreach (var (name, value) in settings.Options) builder.Configuration[$"Ese:Messaging:{name}"] = value;
        builder.Services.AddSingleton(settings.Script);
        builder.AddMessaging(settings.Group, settings.Publishes ? settings.Topic : null, on =>
        {
            if (settings.Consumes) settings.Consumers(on.Topic(settings.Topic, settings.From));
            if (settings.OtherTopic is { } other) settings.Consumers(on.Topic(other));
            if (settings.CommandTopic is { } commands) on.Sends<ParcelReceived>(commands);
            if (settings.Traditional) on.IncludeTraditional();
            if (settings.TellsOfDeadLetters) on.TellsOfDeadLetters<ParcelStuck, ParcelFreed>();
        });
        if (settings.Decorate is not { } decorate) return;
        var broker = builder.Services.Last(service => service.ServiceType == typeof(IBroker));
        builder.Services.Remove(broker);
        builder.Services.AddSingleton(provider => decorate((IBroker)broker.ImplementationFactory!(provider)));
    }

    private sealed class WarningList(List<string> warnings, List<Exception> failures) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            lock (warnings) warnings.Add(formatter(state, exception));
            if (exception is null) return;
            lock (failures) failures.Add(exception);
        }

        public void Dispose()
        {
        }
    }
}

/// <summary>How a test team publishes and consumes: by default it listens to its own topic.</summary>
public sealed record TeamMessaging(string Broker, string Topic)
{
    public string Group { get; init; } = "parcels";

    public int Partitions { get; init; } = 4;

    /// <summary>Configuration of another engine than the embedded one.</summary>
    public IReadOnlyDictionary<string, string> Engine { get; init; } = new Dictionary<string, string>();

    public int Workers { get; init; } = 2;

    /// <summary>One more topic to listen to.</summary>
    public string? OtherTopic { get; init; }

    /// <summary>Where received parcels are told of; null for the team's own topic, like everything else.</summary>
    public string? CommandTopic { get; init; }

    public bool Publishes { get; init; } = true;

    public bool Consumes { get; init; } = true;

    public bool Traditional { get; init; }

    public bool TellsOfDeadLetters { get; init; }

    /// <summary>Event types that this build does not know yet.</summary>
    public IReadOnlyCollection<string> Unknown { get; init; } = [];

    public Script Script { get; init; } = new();

    /// <summary>Who consumes.</summary>
    public StartFrom From { get; init; }

    public Action<TopicSubscriptions> Consumers { get; init; } = topic => topic.Runs<WhenParcelSent>();

    /// <summary>More of <see cref="MessagingOptions"/>, by name.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>The service's clock; null for the machine's.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Puts something between the service and the broker.</summary>
    public Func<IBroker, IBroker>? Decorate { get; init; }
}
