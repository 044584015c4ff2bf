using EseErp.EventStore.Writing;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Update;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EseErp.EventStore;

public static class EventStoreRegistration
{
    /// <summary>
    /// Gives a service its database (<c>ConnectionStrings:Database</c>), its event log and its unit of work.
    /// </summary>
    /// <param name="contracts">Every event type the service may record or read, by wire name.</param>
    /// <param name="upcasters">How events of earlier versions are read; see <see cref="EventTypes"/>.</param>
    public static WebApplicationBuilder AddEventStore<TDb>(
        this WebApplicationBuilder builder,
        IReadOnlyDictionary<string, Type> contracts,
        IReadOnlyDictionary<Type, (Type Next, Func<object, object> Upcast)>? upcasters = null)
        where TDb : DbContext
    {
        var services = builder.Services;
        var connectionString = builder.Configuration.GetConnectionString("Database")
            ?? throw new MissingSettingException("ConnectionStrings:Database", builder.Environment);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<Faults>();
        services.Configure<OutageOptions>(options => options.Signs.Add(UnitOfWork.IsOutage));
        services.AddSingleton(new EventTypes(contracts, upcasters));
        // By a factory, so that the container closes its connections at the end.
        services.AddSingleton(_ => ServiceDatabase.Open(connectionString));
        if (builder.Configuration.GetValue<bool>("Ese:Faults")) services.AddSingleton<SlowDatabase>();
        services.AddDbContextPool<TDb>((provider, options) => options
            .AddInterceptors([new AnsweredQueries(), .. provider.GetServices<SlowDatabase>()])
            .UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>()).ReplaceService<IModificationCommandBatchFactory, SetWrites>()
            // Each is thrown as well, and whoever catches it knows whether it is an error: a lost race that is run again is none.
            .ConfigureWarnings(warnings => warnings.Log(
                (RelationalEventId.CommandError, LogLevel.Debug), (RelationalEventId.TransactionError, LogLevel.Debug), (CoreEventId.SaveChangesFailed, LogLevel.Debug))));
        services.AddScoped<DbContext>(provider =>
        {
            var db = provider.GetRequiredService<TDb>();
            // What fails is rolled back as a whole; a savepoint before each save would cost two round trips.
            db.Database.AutoSavepointsEnabled = false;
            // The context was another scope's before, which may have failed.
            PendingWrites.Of(db).Clear();
            return db;
        });
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database", tags: [HealthTags.Ready]);
        services.AddScoped<Causality>();
        services.AddScoped<EventStreams>();
        services.AddScoped<Facts>();
        services.AddScoped<BatchReads>();
        services.AddScoped<Documents>();
        services.AddScoped<EarlyFacts>();
        services.AddScoped<Drivers>();
        services.AddScoped<IdempotencyKeys>();
        services.AddScoped<UnitOfWork>();
        services.AddSingleton<EventLogSignal>();
        services.AddSingleton<EventLog>();
        services.AddSingleton(new SchemaLibrary(typeof(EventStoreRegistration).Assembly));
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService, DatabaseMigrator>());
        services.AddHostedService<IdempotencyKeyPruning>();
        return builder;
    }
}
