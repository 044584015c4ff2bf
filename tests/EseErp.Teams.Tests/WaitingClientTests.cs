using System.Net.ServerSentEvents;
using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Sales;
using EseErp.Sales.Valuations;
using EseErp.Teams.Tests.Running;
using EseErp.Tracking;
using EseErp.Tracking.Data;
using EseErp.Tracking.Timeline;
using EseErp.UserSupport;
using EseErp.UserSupport.Data;
using EseErp.UserSupport.EventMode;
using EseErp.UserSupport.Returns;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Teams.Tests;

/// <summary>Who waits for an outcome costs a few queries, however much else happens meanwhile and however many wait.</summary>
public sealed class WaitingClientTests
{
    private const int Clients = 20;
    private const string Nowhere = "http://127.0.0.1:1";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Should_look_up_a_command_when_its_own_outcome_is_there()
    {
        await using var sales = await TeamInProcess.Start("sales", builder => builder.AddSales());
        await sales.Listen(app => app.MapValuations());
        var id = Guid.NewGuid().ToString();
        await sales.Work(services => services.GetRequiredService<ValuationDesk>().Open(new ValuationOpeningRequested(id, Guid.NewGuid().ToString(), 100, "EUR"), CancellationToken.None));
        var asked = new List<string>();
        for (var number = 0; number < Clients; number++)
            asked.Add(await sales.Work(services => Task.FromResult(services.GetRequiredService<ValuationDesk>().Accept(id, new ChangeValuation(ValuationOperation.ADD, System.Text.Json.JsonElement.Parse("1"))).CommandId)));
        var streams = new List<Stream>();
        foreach (var commandId in asked) streams.Add(await sales.Follow($"/valuation-commands/{commandId}/stream"));
        var clients = streams.ConvertAll(stream => SseParser.Create(stream).EnumerateAsync().GetAsyncEnumerator());
        foreach (var client in clients) await Next(client, "pending");

        using var queries = new Queries(sales.Database);
        foreach (var (commandId, client) in asked.Zip(clients))
        {
            await sales.Work(services => services.GetRequiredService<ValuationDesk>().Change(new ValuationChangeRequested(id, commandId, ValuationOperation.ADD, "1"), CancellationToken.None));
            await Next(client, "applied");
        }

        // The desk looks as well.
        queries.Of("valuation_commands").ShouldBeLessThan(4 * Clients);
        foreach (var stream in streams) await stream.DisposeAsync();
    }

    [Fact]
    public async Task Should_look_for_the_answers_to_cancellations_once_for_all_who_wait()
    {
        await using var support = await TeamInProcess.Start(
            "user-support", builder => builder.AddUserSupport(), ("UserSupport:Returns:CancellationWait", "00:00:30"),
            ("Ese:Teams:sales", Nowhere), ("Ese:Teams:inventory", Nowhere), ("Ese:Teams:manufacturing", Nowhere), ("Ese:Teams:accounting", Nowhere));
        await support.Listen(app => app.MapCancellation());
        var asked = Enumerable.Range(0, Clients).Select(_ => TeamInProcess.NewReturn()).ToList();
        foreach (var returnId in asked) await support.Work(services => Task.FromResult(services.GetRequiredService<UserSupportDb>().Add(Filed(returnId))));
        var answers = asked.ConvertAll(returnId => support.Post($"/returns/{returnId}/cancel", new { reason = "not needed any more" }));
        await Eventually.Within(Soon, async () => (await support.Recorded(asked[^1])).Count + (await support.Recorded(asked[0])).Count, count => count == 2, "all to have asked");

        using var queries = new Queries(support.Database);
        for (var number = 0; number < 3 * Clients; number++)
            await support.Work(services =>
            {
                services.GetRequiredService<Facts>().Record(TeamInProcess.NewReturn(), new ReturnResumed("RMA-2026-999999"), Coordination.Event);
                return Task.CompletedTask;
            });
        foreach (var returnId in asked.Take(Clients / 2))
            await support.Work(services => services.GetRequiredService<CancellationDesk>().Accept(new CancellationAccepted(returnId, "not needed any more"), CancellationToken.None));
        foreach (var returnId in asked.Skip(Clients / 2))
            await support.Work(services => services.GetRequiredService<CancellationDesk>().Refuse(new CancellationRefused(returnId, "It is in."), CancellationToken.None));

        (await Task.WhenAll(answers)).Select(answer => answer.Status).ShouldBe([.. Enumerable.Repeat(200, Clients / 2), .. Enumerable.Repeat(409, Clients / 2)]);
        // Once a commit, and ten times a second; a client looks at its end.
        queries.Of("FROM returns").ShouldBeLessThan(15 * Clients);
    }

    [Fact]
    public async Task Should_wait_for_a_return_that_is_not_known_yet_without_looking_for_it_at_each_commit()
    {
        await using var tracking = await TeamInProcess.Start("tracking", builder => builder.AddTracking());
        await using var scope = tracking.Services.CreateAsyncScope();
        var feed = scope.ServiceProvider.GetRequiredService<ReturnFeed>();
        var (wanted, other) = (TeamInProcess.NewReturn(), TeamInProcess.NewReturn());
        using var queries = new Queries(tracking.Database);

        var clients = Enumerable.Range(0, Clients).Select(_ => feed.Find(wanted, CancellationToken.None)).ToList();
        for (var number = 0; number < Clients; number++) await Happen(tracking, other);

        (await Task.WhenAll(clients)).ShouldAllBe(view => view == null);
        // Two looks each, and one a page for all.
        queries.Of("FROM returns").ShouldBeLessThan(5 * Clients);
        await Happen(tracking, wanted);
        (await feed.Find(wanted, CancellationToken.None))!.ReturnId.ShouldBe(wanted);
    }

    [Fact]
    public async Task Should_answer_as_soon_as_a_return_is_known()
    {
        await using var tracking = await TeamInProcess.Start("tracking", builder => builder.AddTracking());
        await using var scope = tracking.Services.CreateAsyncScope();
        var feed = scope.ServiceProvider.GetRequiredService<ReturnFeed>();
        // Who is slow to write it finds it known the next time, which shows nothing, and tries another.
        await Eventually.Within(Soon, async () =>
        {
            var wanted = TeamInProcess.NewReturn();
            var asking = feed.Find(wanted, CancellationToken.None);
            await Happen(tracking, wanted);
            return (await asking)?.ReturnId == wanted;
        }, "a client that waits to be told");
    }

    private static async Task Next(IAsyncEnumerator<SseItem<string>> client, string type)
    {
        do (await client.MoveNextAsync().AsTask().WaitAsync(Soon)).ShouldBeTrue();
        while (client.Current.EventType == "heartbeat");
        client.Current.EventType.ShouldBe(type);
    }

    private static Task Happen(TeamInProcess tracking, string returnId) => tracking.Work(async services =>
    {
        var db = services.GetRequiredService<TrackingDb>();
        if (await db.Returns.FindAsync(returnId) is not { } tracked) db.Returns.Add(tracked = new Tracking.Returns.TrackedReturn { ReturnId = returnId, Mode = CoordinationMode.Event });
        tracked.Apply(new ReplacementDelivered(returnId), tracking.Clock.GetUtcNow());
        services.GetRequiredService<TimelineRows>().Add(new TimelineEntry
        {
            EventId = Guid.CreateVersion7(), ReturnId = returnId, Time = tracking.Clock.GetUtcNow(), Team = "inventory", Type = "ese.inventory.replacement-delivered.v1",
            Summary = "It was delivered", CorrelationId = "correlation", Coordination = Coordination.Event, Data = "{}",
        });
    });

    private static Return Filed(string returnId) => new()
    {
        ReturnId = returnId, CaseId = "CASE-1", OrderId = "SO-1", LineId = "1", Sku = "HP-210-BLK", SerialNumber = returnId, Reason = ReturnReason.Defective, Resolution = Resolution.Refund,
        ReplacementTiming = ReplacementTiming.OnReceipt, Location = "WH-1", CostCenter = "CC-1", CostCurrency = "EUR", Mode = CoordinationMode.Event,
        FiledAt = DateTimeOffset.UtcNow, CorrelationId = "correlation", Status = ReturnStatus.Requested,
    };
}
