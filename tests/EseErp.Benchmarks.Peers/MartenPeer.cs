using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Daemon;

using Marten.Events.Daemon.Internals;
using Marten.Subscriptions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weasel.Core;

namespace EseErp.Benchmarks;

/// <summary>
/// Marten's event store and async daemon. Requests are events; a subscription stores a document and appends the fact, with
/// its progress, in one transaction; another copies the facts to a table, which stands for a receiver's queue: Marten has no broker.
/// </summary>
internal sealed class MartenPeer : IPeer
{
    private const int FillBatch = 500;
    private static readonly TimeSpan Polling = TimeSpan.FromMilliseconds(20);

    private IHost? _host;

    public string Settings =>
        $"Marten {typeof(IDocumentStore).Assembly.GetName().Version?.ToString(3)}: quick appends, archived stream partitioning, subscriptions with batches of 1,000, daemon in solo mode that looks each {Polling.TotalMilliseconds:0} ms; "
        + "publishing is a second subscription that writes to a table";

    public async Task Start(PeerPlan plan, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        var marten = builder.Services.AddMarten(options =>
        {
            options.Connection(plan.Team);
            options.AutoCreateSchemaObjects = AutoCreate.CreateOrUpdate;
            options.Events.StreamIdentity = StreamIdentity.AsString;
            options.Events.AppendMode = EventAppendMode.Quick;
            options.Events.UseArchivedStreamPartitioning = true;
            // By default it looks for new events four times a second, and once a second when there were none.
            options.Projections.FastPollingTime = Polling;
            options.Projections.SlowPollingTime = Polling;
            options.Events.AddEventType<RefundRequest>();
            options.Events.AddEventType<OrderRefundAuthorized>();
            options.Schema.For<MartenIntake>().Identity(intake => intake.Id);
            if (!plan.Consumes) return;
            options.Events.Subscribe(new RequestSubscription());
            options.Events.Subscribe(new FactSubscription());
        }).UseLightweightSessions().ApplyAllDatabaseChangesOnStartup();
        if (plan.Consumes) marten.AddAsyncDaemon(DaemonMode.Solo);
        _host = builder.Build();
        if (plan.Consumes) await CreateQueue(plan.Team, cancellationToken);
        await _host.StartAsync(cancellationToken);
    }

    public async Task Publish(RefundRequest request)
    {
        await using var session = _host!.Services.GetRequiredService<IDocumentStore>().LightweightSession();
        session.Events.StartStream(request.ReturnId, request);
        await session.SaveChangesAsync();
    }

    public async Task Fill(IReadOnlyList<RefundRequest> requests)
    {
        foreach (var chunk in requests.Chunk(FillBatch))
        {
            await using var session = _host!.Services.GetRequiredService<IDocumentStore>().LightweightSession();
            foreach (var request in chunk) session.Events.StartStream(request.ReturnId, request);
            await session.SaveChangesAsync();
        }
    }

    public Task Pause() => _host!.Services.GetRequiredService<Marten.Events.Daemon.Coordination.IProjectionCoordinator>().PauseAsync();

    public Task Resume() => _host!.Services.GetRequiredService<Marten.Events.Daemon.Coordination.IProjectionCoordinator>().ResumeAsync();

    public async ValueTask DisposeAsync()
    {
        if (_host is null) return;
        await _host.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token);
        _host.Dispose();
    }

    private static async Task CreateQueue(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = new Npgsql.NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new Npgsql.NpgsqlCommand(
            "create table if not exists published_facts (id bigint generated always as identity primary key, return_id text not null, body jsonb not null)", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>The team's row, as Marten keeps one.</summary>
public sealed class MartenIntake
{
    public Guid Id { get; set; } = Guid.CreateVersion7();

    public required string ReturnId { get; init; }

    public required string OrderId { get; init; }

    public required string? CustomerId { get; init; }

    public required string Sku { get; init; }

    public required string SerialNumber { get; init; }

    public required string Location { get; init; }

    public required string Reason { get; init; }
}

/// <summary>The team: a document and a fact for each request.</summary>
internal sealed class RequestSubscription : SubscriptionBase
{
    public RequestSubscription()
    {
        Name = "requests";
        IncludeType<RefundRequest>();
        Options.BatchSize = 1000;
    }

    public override Task<IChangeListener> ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        foreach (var asked in page.Events.Select(e => (RefundRequest)e.Data))
        {
            operations.Insert(new MartenIntake
            {
                ReturnId = asked.ReturnId,
                OrderId = asked.Order.OrderId,
                CustomerId = asked.CustomerId,
                Sku = asked.Model.Sku,
                SerialNumber = asked.DefectiveItem.SerialNumber,
                Location = asked.Location.Code,
                Reason = asked.Reason.ToString(),
            });
            operations.Events.Append(asked.ReturnId, PeerRequests.Answer(asked));
        }

        return Task.FromResult(NullChangeListener.Instance);
    }
}

/// <summary>The relay: facts to the table that stands for a queue.</summary>
internal sealed class FactSubscription : SubscriptionBase
{
    public FactSubscription()
    {
        Name = "facts";
        IncludeType<OrderRefundAuthorized>();
        Options.BatchSize = 1000;
    }

    public override Task<IChangeListener> ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        if (page.Events.Count > 0)
            operations.QueueSqlCommand(
                "insert into published_facts (return_id, body) select r, b::jsonb from unnest(?, ?) as u(r, b)",
                page.Events.Select(e => e.StreamKey!).ToArray(), page.Events.Select(e => System.Text.Json.JsonSerializer.Serialize(e.Data)).ToArray());
        return Task.FromResult(NullChangeListener.Instance);
    }
}
