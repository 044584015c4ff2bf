using EseErp.Contracts;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.SystemTests.NewSubscriber;

/// <summary>
/// A service that came last: how many returns there were for which reason, and what was refunded. Nobody publishes anything
/// for it and nobody knows it; it subscribes to what is there and gets all of the past. See README.md in this folder.
/// </summary>
public static class StatisticsService
{
    /// <summary>What would be its <c>Program.cs</c>.</summary>
    /// <param name="settings">What would be its environment: its own database, and the broker.</param>
    public static async Task<WebApplication> Start(IReadOnlyDictionary<string, string> settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        foreach (var (name, value) in settings) builder.Configuration[name] = value;
        builder.AddServiceDefaults("statistics", "Returns per reason, and what was refunded.");
        builder.AddStatistics();

        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapConsumers();
        app.MapStatistics();
        await app.StartAsync();
        return app;
    }

    /// <summary>What it owns and listens to.</summary>
    private static void AddStatistics(this WebApplicationBuilder builder)
    {
        builder.AddEventStore<StatisticsDb>(EventContracts.All, EventContracts.Upcasters);
        // Its tables; a service with a project of its own has EF Core migrations instead.
        builder.Services.AddSingleton(new SchemaLibrary(typeof(StatisticsService).Assembly));
        // Its name is its consumer group. It publishes nothing, so it needs no topic.
        builder.AddMessaging("statistics", null, on =>
        {
            on.IncludeTraditional(); // It only watches, so it wants both modes.
            on.Topic(Topics.UserSupport).Runs<WhenReturnRequested>();
            on.Topic(Topics.Sales).Runs<WhenRefundIssued>();
        });
    }

    private static void MapStatistics(this WebApplication app) =>
        app.MapGet("/statistics", Get).WithTags("Statistics").WithSummary("Returns per reason, and what was refunded per currency");

    private static async Task<Ok<StatisticsView>> Get(StatisticsDb db, CancellationToken cancellationToken) => TypedResults.Ok(new StatisticsView(
        await db.Reasons.ToDictionaryAsync(row => row.Reason, row => row.Returns, cancellationToken),
        await db.Refunds.ToDictionaryAsync(row => row.Currency, row => row.Amount, cancellationToken)));
}

/// <param name="Returns">How many returns were asked for, by reason.</param>
/// <param name="Refunded">What was paid back, by currency.</param>
public sealed record StatisticsView(IReadOnlyDictionary<string, long> Returns, IReadOnlyDictionary<string, decimal> Refunded);
