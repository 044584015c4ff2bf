using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EseErp.ServiceDefaults.Tests;

[JsonConverter(typeof(JsonStringEnumConverter<SampleReason>))]
public enum SampleReason
{
    Defective,
    WrongItem,
}

[JsonConverter(typeof(CamelCaseModeConverter))]
public enum SampleMode
{
    Event,
    Traditional,
}

public sealed class CamelCaseModeConverter() : JsonStringEnumConverter<SampleMode>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

/// <summary>Asks for a refund.</summary>
/// <param name="OrderId">The order the device was sold on.</param>
public sealed record SampleRequest(
    [property: Required, StringLength(40)] string ReturnId,
    [property: Required, StringLength(40)] string OrderId,
    SampleReason Reason,
    [property: Range(typeof(decimal), "0", "100000000")] decimal Amount,
    [property: StringLength(3, MinimumLength = 3)] string Currency = "EUR",
    SampleMode? Mode = null);

public sealed record SampleDisassembly(
    [property: Required, Length(0, 3)] IReadOnlyList<SamplePart> Parts,
    [property: Range(0, 1440)] int LabourMinutes,
    [property: RegularExpression(@"\A[A-Z][A-Z0-9_]*\z")] string? FaultCode = null,
    JsonElement? Notes = null);

public sealed record SamplePart([property: Required, StringLength(40)] string PartSku, SampleReason Quality, [property: Range(1, 1000)] int Quantity = 1);

public sealed record SampleView(string ReturnId, SampleReason Reason, decimal Amount, SampleMode Mode);

/// <summary>A service as small as one can be that uses everything the defaults offer.</summary>
public sealed class SampleService(string failure)
{
    private static readonly Meter Meter = new("EseErp.Sample");
    private static readonly Counter<long> Refunds = Meter.CreateCounter<long>("ese.sample.refunds", description: "Refunds opened");
    private static readonly Histogram<double> Took = Meter.CreateHistogram<double>("ese.sample.duration", "s");
    private static readonly UpDownCounter<int> Open = Meter.CreateUpDownCounter<int>("ese.sample.open");

    static SampleService() => Meter.CreateObservableGauge("ese.sample.lag", () => new Measurement<long>(7, new KeyValuePair<string, object?>("topic", "a\"b")));

    public static async Task Main(string[] args)
    {
        await using var app = Build(args, new Dictionary<string, string?>());
        await app.RunAsync();
    }

    public static WebApplication Build(string[] args, Dictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddServiceDefaults("user-support");
        builder.Services.AddSingleton(new SampleService("Host=db;Password=hunter2"));
        builder.Services.AddHealthChecks().AddCheck("database", new SampleCheck(), tags: ["ready"]);
        builder.Services.Configure<OutageOptions>(outages => outages.Signs.Add(exception => exception is TimeoutException));
        if (builder.Configuration.GetValue<bool>("Sample:Hangs")) builder.Services.AddHostedService<Hanging>();
        if (builder.Configuration.GetValue<bool>("Sample:WaitsAtStart")) builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, WaitingAtStart>());
        var app = builder.Build();
        app.MapServiceDefaults();

        app.MapPost("/refunds", OpenRefund).WithName("OpenRefund").WithSummary("Opens a refund").WithMetadata(new IdempotencyMetadata())
            .WithExample(_ => new SampleRequest("RMA-2026-000123", "SO-1", SampleReason.WrongItem, 12.5m))
            .WithResponseExample(201, new SampleView("RMA-2026-000123", SampleReason.WrongItem, 12.5m, SampleMode.Event));
        app.MapPost("/disassemblies", (SampleDisassembly request) => TypedResults.Ok(request.Parts.Count));
        app.MapPost("/disassemblies/batch", (IReadOnlyList<SamplePart> parts) => TypedResults.Ok(parts.Count));
        app.MapMethods("/touches", ["POST", "PUT", "DELETE"], () => TypedResults.Ok());
        app.MapGet("/refunds", (SampleReason? reason, [AsParameters] Paging paging, int? year, bool? open) =>
            TypedResults.Ok(new Page<string>([$"{reason} {paging.After} {paging.Size} {year} {open}"], "next")));
        app.MapGet("/refunds/{returnId}", GetRefund);
        app.MapGet("/orders/{number:int}", (int number) => TypedResults.Ok(number));
        app.MapGet("/unprocessable", () => Problems.Unprocessable("sku", "is not on the order"));
        app.MapGet("/incomplete", () => Problems.Status(502, "Incomplete", "Inventory did not answer."));
        app.MapGet("/away", string () => throw new TimeoutException("Cannot reach Host=db"));
        app.MapPost("/mends", () => TypedResults.Ok()).SparedByFaults();
        app.MapGet("/fails", (SampleService service) => service.Fail());
        app.MapGet("/log", (ILogger<SampleService> logger, string text) => logger.LogWarning("Said {Text} about {ReturnId} by {EventId}", text, "RMA-9", "e-1"));
        return app;
    }

    /// <summary>Opens a refund, documented in XML.</summary>
    private static Created<SampleView> OpenRefund(SampleRequest request)
    {
        Refunds.Add(1, new KeyValuePair<string, object?>("reason", request.Reason));
        Took.Record(0.02);
        Open.Add(1);
        return TypedResults.Created("/refunds/" + request.ReturnId, new SampleView(request.ReturnId, request.Reason, request.Amount, request.Mode ?? SampleMode.Event));
    }

    /// <summary>One refund.</summary>
    /// <param name="returnId">The return it belongs to.</param>
    private static Results<Ok<SampleView>, NotFoundProblem, ConflictProblem> GetRefund(string returnId, ILogger<SampleService> logger)
    {
        logger.LogInformation("Looked up a refund");
        return returnId switch
        {
            "unknown" => Problems.NotFound("refund", returnId),
            "conflict" => Problems.Conflict("The refund was paid.", new Dictionary<string, object?> { ["reasons"] = new[] { SampleReason.Defective } }),
            _ => TypedResults.Ok(new SampleView(returnId, SampleReason.Defective, 1.10m, SampleMode.Traditional)),
        };
    }

    private string Fail() => throw new InvalidOperationException("Cannot reach " + failure);

    private sealed class Hanging : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => new TaskCompletionSource().Task;
    }

    /// <summary>Before everything else, as a service waits for its database.</summary>
    private sealed class WaitingAtStart(ILogger<WaitingAtStart> log) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            log.LogInformation("Waiting for ever");
            return Task.Delay(Timeout.Infinite, cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class SampleCheck : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            File.Exists(Path.Combine(Path.GetTempPath(), "never-there"))
                ? Task.FromResult(HealthCheckResult.Healthy())
                : throw new InvalidOperationException("Host=db;Password=hunter2 refused");
    }
}
